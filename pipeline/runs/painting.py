"""One image service at work for one run: what it makes is on disk before anything else happens to it, then checked."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PIL.Image import Image

from pipeline.engine.clock import Clock, StopSignal
from pipeline.errors import ServiceError
from pipeline.images.checking import checked
from pipeline.images.encoding import suffix_of
from pipeline.images.provider import ImageProvider
from pipeline.records import Allowance, GeneratedImage, ImageRequest, Request
from pipeline.records.history import Response
from pipeline.runs.spending.attempts import Call
from pipeline.runs.spending.ledger import Ledger
from pipeline.store.keeping import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureOrder:
    """The picture of one slide, or of none, asked of whichever service."""

    slide_number: int | None
    request: ImageRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A picture that is on disk and has passed the check: `data` as it came, `picture` what it shows.

    `saved_usd` is what it once cost where it was found in the store. `allowance` is what the service said is left.
    """

    path: Path
    hash: str
    data: bytes
    picture: Image
    cost_usd: float | None
    saved_usd: float = 0.0
    allowance: Allowance | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Painter:
    """A provider, the store its pictures are kept in, the ledger its calls are written in. `stop` ends its waits."""

    provider: ImageProvider
    store: Store
    ledger: Ledger
    clock: Clock
    stop: StopSignal

    def kept(self, order: PictureOrder) -> Made | None:
        """The picture that was paid for once, if it is still whole."""
        request = self.provider.request(order.request)
        kept = self.store.find_picture(request)
        if kept is None:
            return None
        try:
            picture = checked(kept.data)
        except ServiceError:
            self.store.discard_picture(request)
            return None
        paid_usd = self.ledger.brought_usd(request)  # by a batch of this run
        return Made(
            path=kept.path,
            hash=kept.hash,
            data=kept.data,
            picture=picture,
            cost_usd=paid_usd or 0.0,
            saved_usd=(kept.cost_usd or 0.0) if paid_usd is None else 0.0,
        )

    def alone(self, order: PictureOrder) -> AbstractContextManager[None]:
        """Nobody else, in this process or another, asks for the same picture meanwhile."""
        return self.store.alone_with(self.provider.request(order.request), partial(self.clock.sleep, stop=self.stop))

    def wait_for_room(self, order: PictureOrder) -> None:
        """Until the budgets allow `paint`. Raises as `Ledger.wait_for_room` does."""
        self.ledger.wait_for_room(call_for(self.provider, order))

    def paint(self, order: PictureOrder, timeout_s: float) -> Made:
        """Raises ServiceError, also where what came is no picture that can be used, and what `Ledger.entered` does.

        FileAccessError before the call where the store has no room for what it brings.
        """
        call = call_for(self.provider, order)
        request = call.request
        with self.store.room_for_call(), self.ledger.entered(call, timeout_s) as entry:
            image = self.provider.generate(order.request, timeout_s)
            entry.cost_usd, entry.continues = image.cost_usd, image.continues
            kept = self.store.keep_picture(request, image)
            self.provider.settled(order.request)
            picture, entry.response = looked_at(self.store, request, image, kept.hash)
        return Made(
            path=kept.path,
            hash=kept.hash,
            data=image.data,
            picture=picture,
            cost_usd=image.cost_usd,
            allowance=image.allowance,
        )


def call_for(provider: ImageProvider, order: PictureOrder) -> Call:
    """What asking `provider` for the picture is to the ledger."""
    asked = order.request
    return Call(
        request=provider.request(asked),
        slide_number=order.slide_number,
        price_usd=provider.estimate_usd(asked.aspect_ratio, asked.width_px),
        continues=provider.is_on_order(asked),
    )


def looked_at(store: Store, request: Request, image: GeneratedImage, digest: str) -> tuple[Image, Response]:
    """What a picture in the store shows, and what the history keeps of it.

    Raises ServiceError where it is none that can be used; the store then forgets it.
    """
    try:
        picture = checked(image.data)
    except ServiceError as error:
        store.discard_picture(request)
        error.cost_usd = image.cost_usd or 0.0
        raise
    tokens = image.tokens
    return picture, Response(
        format=suffix_of(image.data).removeprefix("."),
        width_px=picture.width,
        height_px=picture.height,
        bytes=len(image.data),
        hash=digest,
        tokens_read=None if tokens is None else tokens.read,
        tokens_written=None if tokens is None else tokens.written,
    )
