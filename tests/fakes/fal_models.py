"""The apps of the fal server and the inputs they take. providers.md section 9; what it does not say is unverified."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tests.fakes.fields import FLAG, PROMPT, SEED, TEXT, Field, choice, number, whole
from tests.fakes.shapes import NAMED

SIZE = "image_size"  # one of the names, or {"width", "height"}: checked by the server
FLUX_SIZES = ("square_hd", "square", "portrait_4_3", "portrait_16_9", "landscape_4_3", "landscape_16_9")
_SHAPES = ("21:9", "16:9", "3:2", "4:3", "5:4", "1:1", "4:5", "3:4", "2:3", "9:16")
_ENCODING = {"num_images": whole(1, 4), "output_format": choice("jpeg", "png"), "sync_mode": FLAG}
_FLUX = {"prompt": PROMPT, "seed": SEED, "enable_safety_checker": FLAG} | _ENCODING
_BANANA = {
    "prompt": PROMPT,
    "aspect_ratio": choice("auto", *_SHAPES),
    "resolution": choice("1K", "2K", "4K"),
    "num_images": whole(1, 4),
    "output_format": choice("jpeg", "png", "webp"),
    "sync_mode": FLAG,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FalModel:
    """`fields` of its input; `sizes` are the names its image_size takes beside {width, height}, none: it has none.

    Widths and heights are multiples of `multiple_of`. `kind` is what it makes unasked; `has_checker` where the answer
    says whether it blacked a picture out.
    """

    fields: Mapping[str, Field]
    sizes: tuple[str, ...] = ()
    default_size: tuple[int, int] = NAMED["landscape_4_3"]
    multiple_of: int = 1
    kind: str = "png"
    has_checker: bool = False


_GPT_IMAGE = FalModel(
    sizes=("auto", *FLUX_SIZES),
    multiple_of=16,
    fields={
        "prompt": PROMPT,
        "quality": choice("auto", "low", "medium", "high", "xhigh", "max"),
        "num_images": whole(1, 4),
        "output_format": choice("jpeg", "png", "webp"),
        "sync_mode": FLAG,
    },
)


def _flux(extra: dict[str, Field]) -> FalModel:
    return FalModel(fields=_FLUX | extra, sizes=FLUX_SIZES, kind="jpeg", has_checker=True)


MODELS: dict[str, FalModel] = {
    "fal-ai/flux/schnell": _flux({"num_inference_steps": whole(1, 12), "guidance_scale": number(1, 20)}),
    "fal-ai/flux/dev": _flux({"num_inference_steps": whole(1, 50), "guidance_scale": number(1, 20)}),
    "fal-ai/flux-pro/v1.1": _flux({"safety_tolerance": choice("1", "2", "3", "4", "5", "6"), "enhance_prompt": FLAG}),
    "fal-ai/flux-pro/v1.1-ultra": FalModel(
        kind="jpeg",
        has_checker=True,
        fields=_FLUX
        | {
            "aspect_ratio": choice(*_SHAPES, "9:21"),
            "raw": FLAG,
            "safety_tolerance": choice("1", "2", "3", "4", "5", "6"),
        },
    ),
    "blackforestlabs/flux-3/text-to-image": FalModel(
        kind="jpeg",
        fields={
            "prompt": PROMPT,
            "aspect_ratio": choice("auto", *_SHAPES, "2:1", "7:5", "5:7", "1:2", "9:21"),
            "resolution": choice("768sq", "1k", "1.5k", "2k", "4k", "1K", "2K", "4K"),
        }
        | _ENCODING,
    ),
    "fal-ai/nano-banana-2": FalModel(fields=_BANANA),
    "google/nano-banana-2.1": FalModel(fields=_BANANA),
    "fal-ai/nano-banana-pro": FalModel(fields=_BANANA),
    "openai/gpt-image-2.5/flare/text-to-image": _GPT_IMAGE,
    "openai/gpt-image-2.5/sunburst/text-to-image": _GPT_IMAGE,
    "fal-ai/ideogram/v3": FalModel(
        sizes=FLUX_SIZES,
        fields={
            "prompt": PROMPT,
            "negative_prompt": TEXT,
            "rendering_speed": choice("TURBO", "BALANCED", "QUALITY"),
            "style": choice("AUTO", "GENERAL", "REALISTIC", "DESIGN"),
            "expand_prompt": FLAG,
            "num_images": whole(1, 8),
            "seed": SEED,
            "sync_mode": FLAG,
        },
    ),
    "fal-ai/recraft/v3/text-to-image": FalModel(
        kind="webp",
        sizes=FLUX_SIZES,
        fields={"prompt": Field(is_required=True, longest=1000), "style": TEXT, "enable_safety_checker": FLAG},
    ),
}
