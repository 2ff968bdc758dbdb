"""Rectangles on a slide, and the units they are in."""

from __future__ import annotations

from dataclasses import dataclass

EMU_PER_INCH = 914_400
EMU_PER_POINT = 12_700

# What spans so much of the slide both ways is its background by another name.
BACKDROP_SHARE = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """An upright rectangle in slide coordinates."""

    left_emu: int
    top_emu: int
    width_emu: int
    height_emu: int

    @property
    def right_emu(self) -> int:
        return self.left_emu + self.width_emu

    @property
    def bottom_emu(self) -> int:
        return self.top_emu + self.height_emu

    @property
    def area_emu2(self) -> int:
        return self.width_emu * self.height_emu

    @property
    def aspect_ratio(self) -> float:
        """Width over height."""
        return self.width_emu / self.height_emu

    def meets(self, other: Box) -> bool:
        """True where the two share more than an edge."""
        return (
            self.left_emu < other.right_emu
            and other.left_emu < self.right_emu
            and self.top_emu < other.bottom_emu
            and other.top_emu < self.bottom_emu
        )

    def holds(self, other: Box) -> bool:
        """True where no side of `other` is outside."""
        return (
            self.left_emu <= other.left_emu
            and self.top_emu <= other.top_emu
            and self.right_emu >= other.right_emu
            and self.bottom_emu >= other.bottom_emu
        )

    def is_backdrop_of(self, canvas: Box) -> bool:
        """True where it is so large on a slide of that size that it is a background by another name."""
        return (
            self.width_emu >= BACKDROP_SHARE * canvas.width_emu
            and self.height_emu >= BACKDROP_SHARE * canvas.height_emu
        )
