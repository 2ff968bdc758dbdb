"""What every prompt writer offers: one class, one method, its abilities as attributes."""

from __future__ import annotations

from typing import Protocol

from pipeline.records import Brief, Request, WriterAnswer


class PromptWriter(Protocol):
    """Writes the image prompt for one slide. Called by one thread at a time."""

    @property
    def name(self) -> str:
        """The service as settings spell it: "anthropic", "offline"."""

    @property
    def model(self) -> str:
        """The model that answers, "" where there is none."""

    @property
    def is_remote(self) -> bool:
        """True where a call leaves this machine, so that delays between calls apply."""

    def request(self, brief: Brief) -> Request:
        """What the question is known by: the model, the templates, and what is told of the slide itself.

        Not what is told of the deck around it, nor the slide's number: two decks that share a slide ask once. There is
        no key and no address in it.
        """

    def write(self, brief: Brief, timeout_s: float) -> WriterAnswer:
        """Answer for one slide within `timeout_s`.

        Raises ServiceError where the service failed, refused, or answered something without the form asked for.
        """

    def estimate_usd(self, brief: Brief) -> float | None:
        """What `write` will cost, about; None where the price is not known."""

    def close(self) -> None:
        """Let go of connections; no other call follows."""
