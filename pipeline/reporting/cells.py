"""What stands in a cell of a table: a moment, a time taken, money, a size, a text cut short."""

from __future__ import annotations

from datetime import datetime

_SIZES = ("B", "kB", "MB", "GB", "TB")
_LEAST_USD = 0.0001


def moment(when: datetime | None) -> str:
    """The day and the minute in local time; "" where there is none."""
    return "" if when is None else f"{when.astimezone():%Y-%m-%d %H:%M}"


def time_of_day(when: datetime) -> str:
    """The second in local time."""
    return f"{when.astimezone():%H:%M:%S}"


def took(seconds: float | None) -> str:
    """How long something took, in its two largest units; "" where that is not known."""
    if seconds is None:
        return ""
    if seconds < 59.95:
        return f"{max(0.0, seconds):.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"


def money(usd: float | None) -> str:
    """US dollars: cents from a dollar on, below it the figures that count; "?" where the price is not known."""
    if usd is None:
        return "?"
    if 0 < usd < _LEAST_USD:
        return f"<${_LEAST_USD}"
    whole, _, cents = f"{usd:,.4f}".partition(".")
    return f"${usd:,.2f}" if usd >= 1 else f"${whole}.{cents[:2]}{cents[2:].rstrip('0')}"


def size(count: int) -> str:
    """So many bytes in the largest unit that counts, powers of a thousand as settings have them."""
    amount = float(count)
    for unit in _SIZES:
        if amount < 999.5 or unit == _SIZES[-1]:
            break
        amount /= 1000
    return f"{amount:.1f} {unit}" if amount < 9.95 and unit != "B" else f"{amount:.0f} {unit}"


def on_one_line(text: str) -> str:
    """`text` in one line, without what would steer a terminal: names of files hold anything."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def cut(text: str, width: int) -> str:
    """One line of `width` characters at most, without what would move a terminal's cursor."""
    line = on_one_line(text)
    return line if len(line) <= width else line[: width - 1].rstrip() + "…"


def counted(count: int, thing: str) -> str:
    """1 run, 2 runs, 1,200 entries."""
    plural = f"{thing[:-1]}ies" if thing.endswith("y") else f"{thing}s"
    return f"{count:,} {thing if count == 1 else plural}"
