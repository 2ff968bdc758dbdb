"""The catalog file people are told to start from works as its comments say."""

from __future__ import annotations

import pytest

from tests.conftest import ROOT
from tests.fakes.http_server import FakeService
from tests.fakes.pictures import picture
from tests.fakes.published import PublishedFiles
from tests.fakes.wire import Json, Refused, Reply, Request
from tests.integration.support import our_pictures

FOLDER = ROOT / "samples" / "catalog"


class PainterServer(FakeService):
    """Takes an order, says where the picture is once it was asked."""

    def __init__(self) -> None:
        super().__init__(api_key="pnt-0123456789")
        self._files = PublishedFiles()

    def answer(self, request: Request) -> Reply:
        self._check(request)
        return Reply.of_json({"order": {"id": request.number, "state": "drying"}})

    def look_up(self, request: Request) -> Reply:
        if request.path.startswith("/files/"):
            return self._files.reply(request.path)
        self._check(request)
        path = self._files.publish(picture(request.path, 160, 90), "png")
        return Reply.of_json({"order": {"state": "painted", "picture_url": self.origin + path}})

    def error_body(self, status: int, message: str) -> Json:
        return {"error": message}

    def _check(self, request: Request) -> None:
        if request.headers.get("x-painter-key") != self.api_key:
            raise Refused(Reply.of_json(self.error_body(401, "who are you?"), status=401))


@pytest.fixture
def painter(person, monkeypatch):
    person()
    monkeypatch.delenv("DECK_ILLUSTRATOR_SERVICES__CATALOG")
    with PainterServer() as server:
        monkeypatch.setenv("PAINTER_BASE_URL", server.origin)
        monkeypatch.setenv("PAINTER_API_KEY", server.api_key)
        yield server


@pytest.mark.parametrize(
    ("images", "quality", "usd"),
    [("{provider: painter}", "finished", 0.03), ("{model: painter/watercolour, quality: low}", "sketch", 0.02)],
)
def test_the_sample_draws_with_one_key_and_one_line(painter, illustrate, out, images, quality, usd):
    ran = illustrate(1, config=f"services: {{catalog: {FOLDER}}}\nimages: {images}\nworkers: {{image_delay_s: 0}}\n")
    assert ran.code == 0, ran.err
    assert set(our_pictures(out)) == {2}
    assert ran.slide(2)["cost_usd"] == usd
    assert painter.requests[0].body["canvas"]["quality"] == quality
    assert "seed" not in painter.requests[0].body
