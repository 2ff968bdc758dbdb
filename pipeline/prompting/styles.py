"""A style: how a deck's pictures look, what they stand on and how their edges are finished. One YAML file each."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from pipeline.prompting.facts import name_colour
from pipeline.records import EMU_PER_POINT, Ground, PictureFinish, Shadow, Theme

_Text = Annotated[str, Field(min_length=1)]

_OUTLINE_EMU = EMU_PER_POINT
_SOFT = Shadow(
    blur_emu=12 * EMU_PER_POINT, distance_emu=4 * EMU_PER_POINT, direction_deg=90.0, colour="000000", opacity=0.25
)


class Finish(BaseModel):
    """How the edges of a style's pictures look, in decks whose own pictures agree in nothing.

    `corner_share` is the corners' radius as a share of the shorter side, `outline` a thin line in the colour of the
    theme's text or its first accent.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    corner_share: Annotated[float, Field(ge=0, le=0.5)] = 0.0
    outline: Literal["none", "text", "accent"] = "none"
    shadow: Literal["none", "soft"] = "none"

    def on(self, theme: Theme) -> PictureFinish:
        """The finish in a theme's colours."""
        line = {"text": theme.text, "accent": (*theme.accents, theme.text)[0]}.get(self.outline, "")
        return PictureFinish(
            corner_share=self.corner_share,
            outline=line,
            outline_emu=_OUTLINE_EMU if line else 0,
            shadow=_SOFT if self.shadow == "soft" else None,
        )


class Style(BaseModel):
    """How a deck's pictures look.

    `suffix` ends every prompt in this style; `guidance` tells the prompt writer which pictures suit it. `ground` is
    "slide" for styles that draw a subject alone: it stands on the slide's own background where that is possible, and
    gets no finish then; "scene" for those that fill their frame.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    name: Annotated[str, Field(pattern=r"^[\w-]+$")]
    description: _Text
    suffix: _Text
    guidance: _Text
    ground: Literal["slide", "scene"] = "scene"
    finish: Finish = Finish()

    def ground_sentence(self, ground: Ground, background: str) -> str:
        """What an image model is told of the ground, on a slide whose background is "RRGGBB"; "" for nothing."""
        if self.ground == "scene":
            return ""
        colour = f"{name_colour(background)} (#{background})"
        return {
            Ground.PLAIN: f"Isolated on a plain solid background of exactly {colour} up to every edge of the image.",
            Ground.TRANSPARENT: f"Isolated on a transparent background, whole, in colours that stand out on {colour}.",
            Ground.SCENE: f"On a plain background in one calm colour that goes with {colour}.",
        }[ground]
