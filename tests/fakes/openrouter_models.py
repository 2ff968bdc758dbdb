"""OpenRouter's image models: what they take, what they cost, how large they draw.

Ids: providers.md section 4. Shapes of the lists: the SDK's `ImageModelListItem`, `ImageEndpoint`, `ImagePricingEntry`.
Prices are the reference's where it has one and plausible elsewhere: real ones come from the discovery endpoint.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from tests.fakes.gemini_models import MODELS as GEMINI
from tests.fakes.openai_sizes import output_tokens
from tests.fakes.pictures import FORMATS
from tests.fakes.wire import Json

RATIOS = (
    *("1:1", "1:2", "1:4", "1:8", "2:1", "2:3", "2.35:1", "3:2", "3:4", "4:1", "4:3", "4:5", "5:2", "5:4", "5:7"),
    *("7:5", "8:1", "9:16", "16:9", "9:19.5", "19.5:9", "9:20", "20:9", "9:21", "21:9", "auto"),
)
SIDES_PX = {"512": 512, "768": 768, "1K": 1024, "1.5K": 1536, "2K": 2048, "4K": 4096}
QUALITIES = ("auto", "low", "medium", "high", "xhigh", "max")
CREATED = 1_760_000_000
KEY: Json = {
    "label": "sk-or-v1-...",  # the real one shows a key's ends; this one nothing of it
    **dict.fromkeys(("limit", "limit_remaining", "limit_reset", "creator_user_id", "effective_budget")),
    **dict.fromkeys(("organization_id", "workspace_id", "expires_at")),
    **dict.fromkeys(("usage", "usage_daily", "usage_weekly", "usage_monthly"), 0.5),
    **dict.fromkeys(("byok_usage", "byok_usage_daily", "byok_usage_weekly", "byok_usage_monthly"), 0.0),
    **dict.fromkeys(("is_free_tier", "is_management_key", "is_provisioning_key", "include_byok_in_limit"), False),
    **dict.fromkeys(("allowed_data_regions", "budgets"), ()),
    "free_model_daily_requests": {"limit": 1000, "remaining": 1000, "used": 0},
    "rate_limit": {"requests": -1, "interval": "10s", "note": "This field is deprecated and safe to ignore."},
}
"""What GET /key tells of a key, every member the SDK's `GetCurrentKeyData` asks for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """`usd` is the price of a unit, for each resolution where it differs. A token's price is that of output tokens."""

    usd: Mapping[str, float]
    unit: Literal["image", "megapixel", "token"] = "image"
    resolutions: tuple[str, ...] = ("1K", "2K")
    has_quality: bool = False


MODELS = {
    "openai/gpt-image-2.6-flare": Model(usd={"": 30e-6}, unit="token", resolutions=tuple(SIDES_PX), has_quality=True),
    "openai/gpt-image-2.5-flare": Model(usd={"": 30e-6}, unit="token", resolutions=tuple(SIDES_PX), has_quality=True),
    "openai/gpt-image-2.5-sunburst": Model(
        usd={"": 30e-6}, unit="token", resolutions=tuple(SIDES_PX), has_quality=True
    ),
    "google/gemini-nano-banana-2.1": Model(usd={"": 30e-6}, unit="token", resolutions=("1K", "2K", "4K")),
    "google/gemini-3-pro-image": Model(usd={"": 120e-6}, unit="token", resolutions=("1K", "2K", "4K")),
    "black-forest-labs/flux-3-image": Model(
        usd={"768": 0.041, "1K": 0.048, "1.5K": 0.07, "2K": 0.1, "4K": 0.6},
        resolutions=("768", "1K", "1.5K", "2K", "4K"),
    ),
    "bytedance-seed/seedream-5-0-pro": Model(usd={"": 0.045}, resolutions=("1K", "2K", "4K")),
    "recraft/recraft-v4.1-pro": Model(usd={"": 0.25}),
    "x-ai/grok-imagine-image-2.0": Model(usd={"": 0.02}),
    "qwen/qwen-image-3-pro": Model(usd={"": 0.06}),
    "krea/krea-2-large": Model(usd={"": 0.03}, unit="megapixel"),
}


def size_px(ratio: str, resolution: str) -> tuple[int, int]:
    """Width and height of a shape with as many pixels as the resolution's square, both multiples of 16."""
    across, _, down = ("1:1" if ratio == "auto" else ratio).partition(":")
    stretch = math.sqrt(float(across) / float(down))
    side = SIDES_PX[resolution]
    return max(16, round(side * stretch / 16) * 16), max(16, round(side / stretch / 16) * 16)


def drawn_tokens(model: str, resolution: str, quality: str, width_px: int, height_px: int) -> int:
    """Output tokens as `usage` reports them; 0 for a model whose price is not by the token."""
    if MODELS[model].unit != "token":
        return 0
    if model.startswith("openai/"):
        wanted = "medium" if quality == "auto" else quality
        return output_tokens(model.removeprefix("openai/"), wanted, width_px, height_px)
    counts = GEMINI[model.removeprefix("google/")].tokens
    return counts.get(resolution, counts["1K"])


def cost_usd(model: str, resolution: str, quality: str, width_px: int, height_px: int) -> float:
    """What one picture costs."""
    known = MODELS[model]
    usd = known.usd.get("", known.usd.get(resolution, max(known.usd.values())))
    match known.unit:
        case "token":
            return usd * drawn_tokens(model, resolution, quality, width_px, height_px)
        case "megapixel":
            return usd * width_px * height_px / 1e6
        case _:
            return usd


def listed(model: str) -> Json:
    """The model as GET /images/models shows it."""
    return {
        "id": model,
        "name": model.replace("/", ": "),
        "description": "",
        "created": CREATED,
        "architecture": {"input_modalities": ["text", "image"], "output_modalities": ["image"]},
        "supported_parameters": _supported(MODELS[model]),
        "supports_streaming": False,
        "endpoints": f"/api/v1/images/models/{model}/endpoints",
    }


def endpoints(model: str) -> Json:
    """What GET /images/models/{author}/{slug}/endpoints answers."""
    known, author = MODELS[model], model.partition("/")[0]
    pricing: list[Json] = [
        {"billable": "output_image", "unit": known.unit, "cost_usd": usd} | ({"variant": variant} if variant else {})
        for variant, usd in known.usd.items()
    ]
    if known.unit == "token":
        pricing.append({"billable": "input_text", "unit": "token", "cost_usd": 5e-6})
    endpoint = {
        "provider_name": author.title(),
        "provider_slug": author,
        "provider_tag": None,
        "supported_parameters": _supported(known),
        "allowed_passthrough_parameters": [],
        "supports_streaming": False,
        "pricing": pricing,
    }
    return {"id": model, "endpoints": [endpoint]}


def _supported(model: Model) -> Json:
    parameters: Json = {
        "aspect_ratio": {"type": "enum", "values": list(RATIOS)},
        "resolution": {"type": "enum", "values": list(model.resolutions)},
        "n": {"type": "range", "min": 1, "max": 10},
        "seed": {"type": "boolean"},
    }
    if model.has_quality:
        parameters["quality"] = {"type": "enum", "values": list(QUALITIES)}
        parameters["background"] = {"type": "enum", "values": ["auto", "opaque", "transparent"]}
        parameters["output_format"] = {"type": "enum", "values": list(FORMATS)}
    return parameters
