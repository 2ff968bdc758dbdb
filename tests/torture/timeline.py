"""When what happens in the life of a run, and where in it a kill is to fall."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum


class Phase(StrEnum):
    """The parts of a run's life.

    `saving` begins with the last picture's answer, `delivery` with the file that is to be the deck, `after` with the
    deck.
    """

    START_UP = "start-up"
    PROMPTS = "prompts"
    IMAGES = "images"
    SAVING = "saving"
    DELIVERY = "delivery"
    AFTER = "after"


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """An undisturbed run, in seconds from its start. `calls` are the starts of all its calls, in order."""

    calls: tuple[float, ...]
    last_prompt: float
    last_answer: float
    saving: float
    delivered: float
    exited: float

    @property
    def bounds(self) -> dict[Phase, tuple[float, float]]:
        """From when to when each phase lasts. Pictures are made in `prompts` too; `images` is when they are all."""
        return {
            Phase.START_UP: (0.0, self.calls[0]),
            Phase.PROMPTS: (self.calls[0], self.last_prompt),
            Phase.IMAGES: (self.last_prompt, self.last_answer),
            Phase.SAVING: (self.last_answer, self.saving),
            Phase.DELIVERY: (self.saving, self.delivered),
            Phase.AFTER: (self.delivered, self.exited),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A moment in the life of a run: `offset_s` after so many calls of it have begun, or after its phase has.

    Said so, it also is a moment in the life of a run that goes on where another was killed, however short that life.
    `life_s` is when it was in the undisturbed run.
    """

    phase: Phase
    calls: int
    offset_s: float
    life_s: float

    def earlier(self) -> Moment:
        """The same moment, half as long after what it follows."""
        return replace(self, offset_s=self.offset_s / 2)


def random_moments(life: Life, count: int, rng: random.Random) -> list[Moment]:
    """Half of them spread evenly over the life of a run, half over its phases, so that short ones get their share."""
    half = count // 2
    moments = [life.exited * (number + rng.random()) / half for number in range(half)]
    shortest_first = sorted(life.bounds.values(), key=lambda bounds: bounds[1] - bounds[0])
    moments += [rng.uniform(*shortest_first[number % len(shortest_first)]) for number in range(count - half)]
    return [_moment(life, at_s) for at_s in moments]


def dealt(moments: Sequence[Moment], rng: random.Random, at_most: int) -> tuple[list[Moment], list[Moment]]:
    """The kills of the next deck, in the order a run comes to them, and those that are left."""
    shuffled = rng.sample(moments, len(moments))
    return sorted(shuffled[:at_most], key=lambda moment: moment.life_s), shuffled[at_most:]


def _moment(life: Life, at_s: float) -> Moment:
    phase = next((phase for phase, (_, end) in life.bounds.items() if at_s < end), Phase.AFTER)
    begun = sum(call <= at_s for call in life.calls)
    follows_calls = phase in {Phase.PROMPTS, Phase.IMAGES}
    start = life.calls[begun - 1] if follows_calls else life.bounds[phase][0]
    return Moment(phase=phase, calls=begun, offset_s=at_s - start, life_s=at_s)
