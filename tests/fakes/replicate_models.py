"""The models of the Replicate server and the inputs they take: the fields a text-to-image call may use.

Typical FLUX inputs: providers.md section 5. The others: the models' public schemas as remembered, unverified.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tests.fakes.fields import FLAG, PROMPT, SEED, TEXT, Field, choice, links, number, whole

_COMMON = ("1:1", "16:9", "3:2", "2:3", "4:5", "5:4", "9:16", "3:4", "4:3")
_WIDE = (*_COMMON, "21:9", "9:21")
_GOOGLE = ("match_input_image", "1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9")
_ENCODING = {"output_format": choice("webp", "jpg", "png"), "output_quality": whole(0, 100)}
_FLUX_2 = {
    "prompt": PROMPT,
    "input_images": links(8),
    "aspect_ratio": choice("match_input_image", "custom", *_COMMON, "21:9", "9:21"),
    "resolution": choice("match_input_image", "0.5 MP", "1 MP", "2 MP", "4 MP"),
    "width": whole(256, 2048),
    "height": whole(256, 2048),
    "safety_tolerance": whole(1, 5),
    "seed": SEED,
} | _ENCODING
_NANO_BANANA = {
    "prompt": PROMPT,
    "image_input": links(14),
    "aspect_ratio": choice(*_GOOGLE),
    "output_format": choice("jpg", "png"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicateModel:
    """`fields` of its input; `is_list` where the output is [URL] and not URL; `version` where it is no official one."""

    fields: Mapping[str, Field]
    is_list: bool = False
    kind: str = "webp"
    version: str | None = None


MODELS: dict[str, ReplicateModel] = {
    "black-forest-labs/flux-schnell": ReplicateModel(
        is_list=True,
        fields={
            "prompt": PROMPT,
            "aspect_ratio": choice(*_WIDE),
            "num_outputs": whole(1, 4),
            "num_inference_steps": whole(1, 4),
            "seed": SEED,
            "disable_safety_checker": FLAG,
            "go_fast": FLAG,
            "megapixels": choice("1", "0.25"),
        }
        | _ENCODING,
    ),
    "black-forest-labs/flux-dev": ReplicateModel(
        is_list=True,
        fields={
            "prompt": PROMPT,
            "aspect_ratio": choice(*_WIDE),
            "num_outputs": whole(1, 4),
            "num_inference_steps": whole(1, 50),
            "guidance": number(0, 10),
            "seed": SEED,
            "disable_safety_checker": FLAG,
            "go_fast": FLAG,
            "megapixels": choice("1", "0.25"),
        }
        | _ENCODING,
    ),
    "black-forest-labs/flux-1.1-pro": ReplicateModel(
        fields={
            "prompt": PROMPT,
            "aspect_ratio": choice("custom", *_COMMON),
            "width": whole(256, 1440),
            "height": whole(256, 1440),
            "safety_tolerance": whole(1, 6),
            "seed": SEED,
            "prompt_upsampling": FLAG,
        }
        | _ENCODING,
    ),
    "black-forest-labs/flux-1.1-pro-ultra": ReplicateModel(
        kind="jpeg",
        fields={
            "prompt": PROMPT,
            "aspect_ratio": choice(*_WIDE),
            "raw": FLAG,
            "safety_tolerance": whole(1, 6),
            "seed": SEED,
            "output_format": choice("jpg", "png"),
        },
    ),
    "black-forest-labs/flux-2-pro": ReplicateModel(fields=_FLUX_2),
    "black-forest-labs/flux-2-max": ReplicateModel(fields=_FLUX_2),
    "black-forest-labs/flux-2-flex": ReplicateModel(
        fields=_FLUX_2 | {"steps": whole(1, 50), "guidance": number(1.5, 10)}
    ),
    "google/nano-banana": ReplicateModel(fields=_NANO_BANANA, kind="jpeg"),
    "google/nano-banana-pro": ReplicateModel(
        kind="png",
        fields=_NANO_BANANA
        | {
            "resolution": choice("1K", "2K", "4K"),
            "safety_filter_level": choice("block_low_and_above", "block_medium_and_above", "block_only_high"),
        },
    ),
    "bytedance/seedream-4": ReplicateModel(
        is_list=True,
        kind="jpeg",
        fields={
            "prompt": PROMPT,
            "size": choice("1K", "2K", "4K", "custom"),
            "aspect_ratio": choice("match_input_image", "1:1", "4:3", "3:4", "16:9", "9:16", "3:2", "2:3", "21:9"),
            "width": whole(1024, 4096),
            "height": whole(1024, 4096),
            "max_images": whole(1, 15),
            "image_input": links(10),
            "sequential_image_generation": choice("disabled", "auto"),
            "enhance_prompt": FLAG,
        },
    ),
    "ideogram-ai/ideogram-v3-turbo": ReplicateModel(
        kind="png",
        fields={
            "prompt": PROMPT,
            "aspect_ratio": choice(*_COMMON, "1:3", "3:1", "1:2", "2:1", "10:16", "16:10"),
            "style_type": choice("None", "Auto", "General", "Realistic", "Design"),
            "magic_prompt_option": choice("Auto", "On", "Off"),
            "seed": SEED,
        },
    ),
    "stability-ai/stable-diffusion-3.5-large": ReplicateModel(
        is_list=True,
        fields={
            "prompt": PROMPT,
            "aspect_ratio": choice(*_WIDE),
            "cfg": number(1, 10),
            "seed": SEED,
        }
        | _ENCODING,
    ),
    "stability-ai/sdxl": ReplicateModel(
        is_list=True,
        kind="png",
        version="39ed52f2a78e934b3ba6e2a89f5b1c712de7dfea535525255b1aa35c5565e08b",
        fields={
            "prompt": PROMPT,
            "negative_prompt": TEXT,
            "width": whole(64, 2048),
            "height": whole(64, 2048),
            "num_outputs": whole(1, 4),
            "num_inference_steps": whole(1, 500),
            "guidance_scale": number(1, 50),
            "scheduler": TEXT,
            "disable_safety_checker": FLAG,
            "apply_watermark": FLAG,
            "seed": SEED,
        },
    ),
}
