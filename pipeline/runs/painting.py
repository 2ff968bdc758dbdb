"""One image service at work for one run: what it makes is on disk before anything else happens to it, then checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from PIL.Image import Image

from pipeline.errors import ServiceError
from pipeline.images.checking import checked
from pipeline.images.provider import ImageProvider
from pipeline.records import Allowance, ImageRequest
from pipeline.store.work_folder import WorkFolder, request_key


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureOrder:
    """The picture of one slide, asked of whichever service."""

    slide_number: int
    request: ImageRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A picture that is on disk and has passed the check. `allowance` is what the service said is left."""

    path: Path
    picture: Image
    cost_usd: float
    allowance: Allowance | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Painter:
    """A provider and the folder where its pictures are kept. `wishes` is what was asked of it beside each request."""

    provider: ImageProvider
    wishes: Mapping[str, Any]
    work_folder: WorkFolder

    def kept(self, order: PictureOrder) -> Made | None:
        """The picture an earlier run paid for, if it is still whole."""
        path = self.work_folder.find_image(order.slide_number, self._key(order.request))
        if path is None:
            return None
        try:
            return Made(path=path, picture=checked(self.work_folder.read_image(path)), cost_usd=0.0)
        except ServiceError:
            self.work_folder.discard_image(path)
            return None

    def paint(self, order: PictureOrder, timeout_s: float) -> Made:
        """Raises ServiceError, also where what came is no picture that can be used."""
        image = self.provider.generate(order.request, timeout_s)
        path = self.work_folder.keep_image(order.slide_number, self._key(order.request), image)
        cost_usd = image.cost_usd or 0.0
        try:
            return Made(path=path, picture=checked(image.data), cost_usd=cost_usd, allowance=image.allowance)
        except ServiceError as error:
            self.work_folder.discard_image(path)
            error.cost_usd = cost_usd
            raise

    def _key(self, request: ImageRequest) -> str:
        return request_key(
            {
                "provider": self.provider.name,
                "model": self.provider.model,
                "wishes": self.wishes,
                "request": asdict(request),
            }
        )
