"""Hugging Face's router: one token, four providers behind it, each with the body and the answer of its own.

Wire facts: providers.md section 7. In reality /api/whoami-v2 lives on huggingface.co and the pictures of fal on a
server of fal's; here all is one origin. A file is given without a key.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Collection, Mapping
from urllib.parse import urlsplit

from tests.fakes.fields import problems
from tests.fakes.http_server import FakeService
from tests.fakes.huggingface_models import FAL, FIELDS, INFERENCE, MODELS, NAMED_SIZES, NSCALE, SIDE, TOGETHER
from tests.fakes.openai_sizes import parse_size
from tests.fakes.pictures import FORMATS, picture
from tests.fakes.published import PublishedFiles
from tests.fakes.wire import Json, Refused, Reply, Request

GENERATIONS = "v1/images/generations"


class HuggingFaceServer(FakeService):
    """`HUGGINGFACE_BASE_URL=server.base_url` and `server.api_key` reach it."""

    def __init__(
        self,
        *,
        api_key: str = "hf_fakeKey",
        latency_s: float = 0.0,
        models: Mapping[str, Collection[str]] = MODELS,
    ) -> None:
        super().__init__(api_key=api_key, latency_s=latency_s)
        self.models = models
        self._files = PublishedFiles()

    @property
    def base_url(self) -> str:
        return self.origin

    def error_body(self, status: int, message: str) -> Json:
        return {"error": message}

    def answer(self, request: Request) -> Reply:
        provider, _, route = urlsplit(request.path).path.removeprefix("/").partition("/")
        self._check_key(request)
        body = request.body
        match provider:
            case "fal-ai":
                self._check_model(provider, route)
                return self._fal(body)
            case "hf-inference" if route.startswith("models/"):
                self._check_model(provider, route.removeprefix("models/"))
                return self._inference(body)
            case "together" | "nscale" if route == GENERATIONS:
                self._check(provider, body)
                self._check_model(provider, body["model"])
                return self._together(body) if provider == TOGETHER else self._nscale(body)
        raise self._refuse(404, f"Cannot POST {request.path}")

    def look_up(self, request: Request) -> Reply:
        """Whose key it is, which is its free check; else a picture, which needs no key."""
        if urlsplit(request.path).path != "/api/whoami-v2":
            return self.file(request.path)
        self._check_key(request)
        token = {"displayName": "deck", "role": "fineGrained"}
        return Reply.of_json(
            {"type": "user", "name": "somebody", "isPro": False, "auth": {"type": "access_token", "accessToken": token}}
        )

    def file(self, path: str) -> Reply:
        """A picture; for any other path, what a storage service says of an expired link."""
        return self._files.reply(path)

    def _refuse(self, status: int, message: str) -> Refused:
        return Refused(Reply.of_json(self.error_body(status, message), status=status))

    def _check_key(self, request: Request) -> None:
        if request.headers.get("authorization") != f"Bearer {self.api_key}":
            raise self._refuse(401, "Invalid username or password.")

    def _check_model(self, provider: str, model: str) -> None:
        if model not in self.models.get(provider, ()):
            raise self._refuse(404, f"Model {model} is not supported by provider {provider}.")

    def _check(self, provider: str, given: Json) -> None:
        known = FIELDS[provider]
        for name in given:
            if name not in known:
                raise self._invalid(provider, name, "extra fields not permitted")
        for problem in problems(known, given):
            raise self._invalid(provider, problem.name, f"{problem.rule} {problem.asked}")

    def _invalid(self, provider: str, name: str, why: str) -> Refused:
        return Refused(Reply.of_json(invalid_body(provider, name, why), status=422))

    def _fal(self, body: Json) -> Reply:
        self._check(FAL, {name: value for name, value in body.items() if name != "image_size"})
        size = body.get("image_size", "landscape_4_3")
        if isinstance(size, str):
            if size not in NAMED_SIZES:
                raise self._invalid(FAL, "image_size", f"one of {', '.join(NAMED_SIZES)}")
            width_px, height_px = NAMED_SIZES[size]
        else:
            for problem in problems({"width": SIDE, "height": SIDE}, size):
                raise self._invalid(FAL, problem.name, f"{problem.rule} {problem.asked}")
            width_px, height_px = size.get("width", 512), size.get("height", 512)
        kind = body.get("output_format", "jpeg")
        images = []
        for number in range(body.get("num_images", 1)):
            data = picture(f"{body['prompt']}\n{number}", width_px, height_px, kind)
            if body.get("sync_mode"):
                url = f"data:{FORMATS[kind]};base64,{base64.b64encode(data).decode()}"
            else:
                url = self.origin + self._files.publish(data, kind)
            images.append({"url": url, "content_type": FORMATS[kind], "width": width_px, "height": height_px})
        return Reply.of_json(
            {
                "images": images,
                "timings": {"inference": 1.2},
                "seed": body.get("seed", 7),
                "has_nsfw_concepts": [False] * len(images),
                "prompt": body["prompt"],
            }
        )

    def _inference(self, body: Json) -> Reply:
        for name in body:
            if name not in ("inputs", "parameters"):
                raise self._refuse(422, f"{name}: extra fields not permitted")
        if not body.get("inputs"):
            raise self._refuse(422, "inputs: field required")
        parameters = body.get("parameters") or {}
        self._check(INFERENCE, parameters)
        image = picture(body["inputs"], parameters.get("width", 1024), parameters.get("height", 1024), "jpeg")
        return Reply(headers={"content-type": FORMATS["jpeg"], "x-compute-type": "gpu"}, body=image)

    def _together(self, body: Json) -> Reply:
        width_px, height_px = body.get("width", 1024), body.get("height", 1024)
        as_url = body.get("response_format", "url") == "url"
        data: list[Json] = []
        for number in range(body.get("n", 1)):
            image = picture(f"{body['prompt']}\n{number}", width_px, height_px, "jpeg")
            held = {"url": self.origin + self._files.publish(image, "jpeg")} if as_url else _inline(image)
            data.append({"index": number, "type": None, **held})
        return Reply.of_json({"id": "o1", "model": body["model"], "object": "list", "data": data})

    def _nscale(self, body: Json) -> Reply:
        size = parse_size(body.get("size", "1024x1024"))
        if size is None:
            raise self._invalid(NSCALE, "size", "must be WIDTHxHEIGHT")
        data = [_inline(picture(f"{body['prompt']}\n{number}", *size)) for number in range(body.get("n", 1))]
        return Reply.of_json({"created": int(time.time()), "data": data})


def invalid_body(provider: str, name: str, why: str) -> Json:
    """A bad parameter in the words of the provider behind the router (status 422)."""
    if provider == FAL:
        return {"detail": [{"loc": ["body", name], "msg": why, "type": "value_error"}]}
    if provider == INFERENCE:
        return {"error": f"{name}: {why}"}
    return {"error": {"message": f"{name}: {why}", "type": "invalid_request_error", "param": name, "code": None}}


def _inline(image: bytes) -> Json:
    return {"b64_json": base64.b64encode(image).decode()}
