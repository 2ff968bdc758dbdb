"""Which image models Hugging Face's providers serve, and what each route takes. Routes: providers.md section 7.

The models are of the Hub's provider mapping [K]: a test with others passes its own.
"""

from __future__ import annotations

from tests.fakes.fields import FLAG, PROMPT, SEED, TEXT, Field, choice, number, whole

FAL = "fal-ai"
INFERENCE = "hf-inference"
TOGETHER = "together"
NSCALE = "nscale"

MODELS: dict[str, frozenset[str]] = {
    FAL: frozenset(
        {"fal-ai/flux/dev", "fal-ai/flux/schnell", "fal-ai/flux/krea", "fal-ai/flux-2", "fal-ai/qwen-image"}
        | {"fal-ai/hidream-i1-full", "fal-ai/stable-diffusion-v35-large", "fal-ai/z-image/turbo"}
    ),
    INFERENCE: frozenset(
        {"black-forest-labs/FLUX.1-schnell", "black-forest-labs/FLUX.1-dev"}
        | {"stabilityai/stable-diffusion-xl-base-1.0", "stabilityai/stable-diffusion-3-medium-diffusers"}
    ),
    TOGETHER: frozenset({"black-forest-labs/FLUX.1-schnell", "black-forest-labs/FLUX.1-dev"}),
    NSCALE: frozenset({"black-forest-labs/FLUX.1-schnell", "stabilityai/stable-diffusion-xl-base-1.0"}),
}
"""Provider -> the models of its own names that it serves."""

SIDE = whole(64, 2048)
NAMED_SIZES = {
    "square_hd": (1024, 1024),
    "square": (512, 512),
    "portrait_4_3": (768, 1024),
    "portrait_16_9": (576, 1024),
    "landscape_4_3": (1024, 768),
    "landscape_16_9": (1024, 576),
}
STEPS = whole(1, 100)
FIELDS: dict[str, dict[str, Field]] = {
    FAL: {
        "prompt": PROMPT,
        "num_inference_steps": STEPS,
        "guidance_scale": number(0, 20),
        "negative_prompt": TEXT,
        "seed": SEED,
        "num_images": whole(1, 4),
        "enable_safety_checker": FLAG,
        "output_format": choice("jpeg", "png"),
        "sync_mode": FLAG,
    },
    INFERENCE: {
        "width": SIDE,
        "height": SIDE,
        "negative_prompt": TEXT,
        "num_inference_steps": STEPS,
        "guidance_scale": number(0, 20),
        "seed": SEED,
        "scheduler": TEXT,
    },
    TOGETHER: {
        "prompt": PROMPT,
        "model": PROMPT,
        "response_format": choice("base64", "url"),
        "steps": STEPS,
        "width": SIDE,
        "height": SIDE,
        "seed": SEED,
        "n": whole(1, 4),
        "negative_prompt": TEXT,
        "guidance_scale": number(0, 20),
    },
    NSCALE: {
        "prompt": PROMPT,
        "model": PROMPT,
        "size": TEXT,
        "response_format": choice("b64_json"),
        "n": whole(1, 4),
    },
}
"""What a body may have; of fal the size and of hf-inference the prompt stand apart, in shapes of their own."""
