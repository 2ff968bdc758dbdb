"""What every image provider offers: one class, one method, its abilities as attributes."""

from __future__ import annotations

from typing import Protocol

from pipeline.records import GeneratedImage, ImageRequest

# What a person may have to mend where a service does not take what it was asked for.
SETTINGS = ("images.model", "images.quality", "images.parameters")


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

    def generate(self, request: ImageRequest, timeout_s: float) -> GeneratedImage:
        """One picture within `timeout_s`, its shape as near `request.aspect_ratio` as the model can.

        Raises ServiceError, its kind saying what the failure means.
        """

    def estimate_usd(self, aspect_ratio: float, width_px: int) -> float | None:
        """What `generate` will cost for a slot of this shape and width, about; None where the price is not known."""

    def close(self) -> None:
        """Let go of connections; no other call follows."""
