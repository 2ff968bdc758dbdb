"""Cron expressions and time zones, checked as they are written; and the moments they mean, as for Debian's cron."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError
from cronsim.cronsim import SYMBOLIC_DAYS, SYMBOLIC_MONTHS

from pipeline.services.mistakes import near

_FIELDS = 5
_LIKE = "write five fields: minute, hour, day, month, weekday, for example '0 2 * * mon-fri'"
_WORDS = {*SYMBOLIC_DAYS, *SYMBOLIC_MONTHS}
_LONGEST = 200


class CronTimes:
    """When a job is due: `cron` as the clocks in `timezone` show it. Raises ValueError as the checks do.

    Weekdays are cron's, 0 and 7 are Sunday; where day and weekday both are restricted, either is enough. Where summer
    time begins, what falls into the hour that is left out is due when it is over; where it ends, what falls into the
    hour that comes twice is due once, in the first. A minute or hour that begins with * goes by the time that passes.
    (A shift by half an hour, Lord Howe Island's alone, may cost such a job one of its times.)
    """

    def __init__(self, cron: str, timezone: str) -> None:
        self._cron = checked_cron(cron)
        self._zone = ZoneInfo(checked_timezone(timezone))

    def after(self, moment: datetime) -> datetime | None:
        """The first time after `moment`, which is aware; in UTC. None where there is none within 50 years."""
        for time in CronSim(self._cron, moment.astimezone(self._zone)):
            when = time.astimezone(UTC)
            if when > moment.astimezone(UTC):  # not so in the hour that comes twice
                return when
        return None

    def shown(self, moment: datetime) -> datetime:
        """The same moment as the clocks in the job's time zone show it."""
        return moment.astimezone(self._zone)


def checked_cron(text: str) -> str:
    """`text`, where it is an expression of five fields that means a time. Raises ValueError in a user's words."""
    if len(text.split()) != _FIELDS or len(text) > _LONGEST:
        raise ValueError(f"no cron expression; {_LIKE}")
    unknown = [word for word in re.findall(r"[^\d\s*,/-]+", text) if word.upper() not in _WORDS]
    if unknown:  # what other programs know besides, such as "L" and "#", cron itself does not
        raise ValueError(f"cron does not know '{unknown[0]}'; {_LIKE}")
    try:
        CronSim(text, datetime.now(UTC))
    except CronSimError as error:
        raise ValueError(f"no cron expression ({str(error).lower()}); {_LIKE}") from error
    return text


def checked_timezone(name: str) -> str:
    """`name`, where it is a time zone of the IANA database. Raises ValueError in a user's words."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:  # OSError: the name of a folder of them
        hint = near(name, available_timezones()) or "; write one like Europe/Berlin"
        raise ValueError(f"no time zone{hint}") from error
    return name
