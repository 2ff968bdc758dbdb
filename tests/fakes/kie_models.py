"""The models of the Kie.ai server, their inputs and prices. providers.md section 10; what is not there: unverified."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tests.fakes.fields import FLAG, SEED, TEXT, Field, choice, links, whole
from tests.fakes.shapes import NAMED

_GPT_2 = ("auto", "1:1", "9:16", "16:9", "4:3", "3:4")
_GPT_2_5 = (*_GPT_2, "3:2", "2:3", "5:4", "4:5", "21:9", "9:21", "2:1", "1:2")
_SEVEN = ("1:1", "4:3", "3:4", "16:9", "9:16", "2:3", "3:2")
_BANANA = ("auto", *_SEVEN, "4:5", "5:4", "21:9")
_RESOLUTION = choice("1K", "2K", "4K")


@dataclass(frozen=True, slots=True, kw_only=True)
class KieModel:
    """`fields` of its input and `credits` (0.005 USD) of a picture, by resolution where that matters (else at "1K")."""

    fields: Mapping[str, Field]
    credits: Mapping[str, float]
    kind: str = "png"


def _prompt(longest: int) -> Field:
    return Field(is_required=True, longest=longest)


def _gpt(*shapes: str) -> KieModel:
    fields = {"prompt": _prompt(20_000), "aspect_ratio": choice(*shapes), "resolution": _RESOLUTION}
    return KieModel(fields=fields, credits={"1K": 6, "2K": 10, "4K": 16})


def _nano_banana_2(credits_1k: float, credits_2k: float, credits_4k: float) -> KieModel:
    fields = {
        "prompt": _prompt(20_000),
        "image_input": links(14),
        "aspect_ratio": choice(*_BANANA, "1:4", "4:1", "1:8", "8:1"),
        "resolution": _RESOLUTION,
        "output_format": choice("png", "jpg"),
        "google_search": FLAG,
    }
    return KieModel(fields=fields, kind="jpeg", credits={"1K": credits_1k, "2K": credits_2k, "4K": credits_4k})


MODELS: dict[str, KieModel] = {
    "gpt-image-2-5-flare-text-to-image": _gpt(*_GPT_2_5),
    "gpt-image-2-5-sunburst-text-to-image": _gpt(*_GPT_2_5),
    "gpt-image-2-text-to-image": _gpt(*_GPT_2),
    "nano-banana-2-1": _nano_banana_2(4, 6, 9),
    "nano-banana-2": _nano_banana_2(8, 12, 18),
    "nano-banana-pro": KieModel(
        credits={"1K": 18, "2K": 18, "4K": 24},
        fields={
            "prompt": _prompt(10_000),
            "image_input": links(8),
            "aspect_ratio": choice(*_BANANA),
            "resolution": _RESOLUTION,
            "output_format": choice("png", "jpg"),
        },
    ),
    "google/nano-banana": KieModel(
        credits={"1K": 4},
        fields={
            "prompt": _prompt(5_000),
            "output_format": choice("png", "jpeg"),
            "image_size": choice(*_BANANA),
        },
    ),
    "bytedance/seedream-v4-text-to-image": KieModel(
        credits={"1K": 5},
        fields={
            "prompt": _prompt(5_000),
            "image_size": choice(*NAMED),
            "image_resolution": _RESOLUTION,
            "max_images": whole(1, 6),
            "seed": SEED,
        },
    ),
    "seedream/4.5-text-to-image": KieModel(
        credits={"1K": 6.5},
        fields={
            "prompt": _prompt(3_000),
            "aspect_ratio": choice(*_SEVEN, "21:9", is_required=True),
            "quality": choice("basic", "high", is_required=True),
        },
    ),
    "flux-2/pro-text-to-image": KieModel(
        credits={"1K": 5, "2K": 7},
        fields={
            "prompt": _prompt(5_000),
            "aspect_ratio": choice("auto", *_SEVEN, is_required=True),
            "resolution": choice("1K", "2K"),
        },
    ),
    "qwen2/text-to-image": KieModel(
        credits={"1K": 4},
        fields={
            "prompt": _prompt(5_000),
            "image_size": choice(*_SEVEN, "21:9"),
            "seed": SEED,
            "output_format": choice("png", "jpeg"),
        },
    ),
}

_KONTEXT_FIELDS = {
    "prompt": _prompt(5_000),
    "aspectRatio": choice("21:9", "16:9", "4:3", "1:1", "3:4", "9:16"),
    "outputFormat": choice("jpeg", "png"),
    "model": choice("flux-kontext-pro", "flux-kontext-max"),
    "safetyTolerance": whole(0, 6),
    "enableTranslation": FLAG,
    "promptUpsampling": FLAG,
    "inputImage": TEXT,
    "callBackUrl": TEXT,
}
KONTEXT = KieModel(fields=_KONTEXT_FIELDS, kind="jpeg", credits={"1K": 5})
