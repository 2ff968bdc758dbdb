"""What every image provider offers: one class, one method, its abilities as attributes."""

from __future__ import annotations

from typing import Protocol

from pipeline.records import GeneratedImage, ImageRequest, Request

# What a person may have to mend where a service does not take what it was asked for.
SETTINGS = ("images.model", "images.quality", "images.parameters")
# Every picture is asked by several for what it is known by, and finding its shape takes a millisecond.
REQUESTS_REMEMBERED = 256


class ImageProvider(Protocol):
    """Makes one picture from one prompt. Called by many threads at once."""

    @property
    def name(self) -> str:
        """The service as settings spell it: "openai", "offline"."""

    @property
    def model(self) -> str:
        """The model that draws, "" where there is none."""

    @property
    def is_remote(self) -> bool:
        """True where a call leaves this machine, so that delays between calls apply."""

    @property
    def prompt_limit_chars(self) -> int:
        """The longest prompt the model takes."""

    @property
    def takes_transparency(self) -> bool:
        """True where it can draw a subject on nothing."""

    @property
    def dropped(self) -> tuple[str, ...]:
        """Settings a person gave that the model does not know, as they are spelt: "images.quality"."""

    def request(self, request: ImageRequest) -> Request:
        """What the picture is known by: all it is asked with, and its `variant`; nothing else of `request`.

        Two pictures of the same Request are the same order. There is no key and no address in it.
        """

    def generate(self, request: ImageRequest, timeout_s: float) -> GeneratedImage:
        """One picture within `timeout_s`, its shape as near `request.aspect_ratio` as the model can.

        What was ordered by an earlier call for the same Request, in this process or another, and has not arrived is
        gone on with, not ordered again; callers see to it that no two calls for one Request run at once.

        Raises ServiceError, its kind saying what the failure means, and FileAccessError where the order cannot be
        written down.
        """

    def is_on_order(self, request: ImageRequest) -> bool:
        """Whether `generate` would go on with an order instead of making one."""

    def settled(self, request: ImageRequest) -> None:
        """Told once `generate` has returned and its picture is on disk: the next one is a new order.

        Until then the same order is gone on with, even after the process has died.
        """

    def estimate_usd(self, aspect_ratio: float, width_px: int) -> float | None:
        """What `generate` will cost for a slot of this shape and width, about; None where the price is not known."""

    def close(self) -> None:
        """Let go of connections; no other call follows."""
