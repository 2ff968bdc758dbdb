"""A service nobody has heard of, and a model nobody has heard of, by YAML alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from pptx import Presentation

from tests.fakes import gemini_server
from tests.fakes.http_server import FakeService
from tests.fakes.pictures import picture
from tests.fakes.published import PublishedFiles
from tests.fakes.wire import Json, Refused, Reply, Request
from tests.integration.support import our_pictures

ATELIER = """
service: atelier
title: Atelier
base_url: https://api.atelier.example/v7
key: {variables: [ATELIER_KEY], header: X-Atelier, value: "Token {{key}}"}
errors:
  message: problem.text
  rules:
    - {kind: auth, when: problem.nr == `17`}
    - {kind: policy, when: problem.nr == `23`}
endpoints:
  easel:
    type: image
    protocol: http
    submit: {path: "/studios/{{route}}/commissions", query: {edition: "{{edition}}"}}
    request:
      commission: {motif: "{{prompt}}", canvas: {across: "{{width}}", down: "{{height}}"}, strokes: "{{strokes}}"}
      varnish: ["{{varnish}}"]
    poll:
      id: ticket.nr
      path: "/tickets/{{id}}"
      status: state
      waiting: [sketching]
      done: [hung]
      failed: [torn]
      message: problem.text
      every_s: 0.01
    result: {image: "wall[0].link"}
models:
  oil-on-canvas:
    default: true
    route: oil
    prompt_limit_chars: 900
    shape: {free: {multiple_of: 8, max_pixels: 500000, max_edge: 1000}}
    parameters:
      strokes: {type: integer, min: 1, max: 9, default: 5}
      varnish: {allowed: [matt, gloss]}
      edition: {default: "2026"}
    price: {image: 0.5}
"""


class AtelierServer(FakeService):
    """Takes a commission, sketches for one look, hangs the picture on a wall of its own."""

    def __init__(self) -> None:
        super().__init__(api_key="atl-Quokka-0123456789")
        self._files = PublishedFiles()
        self._sketches: dict[str, Json] = {}

    def answer(self, request: Request) -> Reply:
        self._check(request)
        number = len(self._sketches) + 1
        self._sketches[f"/v7/tickets/{number}"] = request.body["commission"]
        return Reply.of_json({"ticket": {"nr": number}, "state": "received"}, status=202)

    def look_up(self, request: Request) -> Reply:
        if request.path.startswith("/files/"):
            assert "x-atelier" not in request.headers
            return self._files.reply(request.path)
        self._check(request)
        wanted = self._sketches[request.path]
        if not wanted.setdefault("looks", 0):
            wanted["looks"] = 1
            return Reply.of_json({"state": "priming the canvas"})
        canvas = wanted["canvas"]
        path = self._files.publish(picture(wanted["motif"], canvas["across"], canvas["down"]), "png")
        return Reply.of_json({"state": "hung", "wall": [{"link": self.origin + path}]})

    def error_body(self, status: int, message: str) -> Json:
        return {"problem": {"nr": status, "text": message}}

    def _check(self, request: Request) -> None:
        if request.headers.get("x-atelier") != f"Token {self.api_key}":
            raise Refused(Reply.of_json(self.error_body(17, "Nobody knows you here."), status=418))


@pytest.fixture
def folder(tmp_path) -> Path:
    """A person's own catalog files."""
    folder = tmp_path / "catalog"
    folder.mkdir()
    return folder


@pytest.fixture
def atelier(person, folder, monkeypatch):
    """The made-up service, known by its file alone."""
    person()
    monkeypatch.delenv("DECK_ILLUSTRATOR_SERVICES__CATALOG")
    (folder / "atelier.yaml").write_text(ATELIER, encoding="utf-8")
    with AtelierServer() as server:
        monkeypatch.setenv("ATELIER_BASE_URL", f"{server.origin}/v7")
        monkeypatch.setenv("ATELIER_KEY", server.api_key)
        yield server


def settings(folder: Path, images: str) -> str:
    return f"services: {{catalog: {folder}}}\nimages: {images}\n"


def test_a_made_up_service_draws(atelier, illustrate, folder, out):
    images = "{provider: atelier, parameters: {varnish: gloss}}"
    ran = illustrate(2, config=settings(folder, images))
    assert ran.code == 0, ran.err
    assert set(our_pictures(out)) == {2, 3}
    slide = ran.slide(2)
    assert (slide["provider"], slide["model"], slide["cost_usd"]) == ("atelier", "oil-on-canvas", 0.5)
    first = atelier.requests[0]
    assert first.path == "/v7/studios/oil/commissions?edition=2026"
    assert first.body["commission"]["strokes"] == 5
    assert first.body["varnish"] == ["gloss"]
    assert first.body["commission"]["canvas"]["across"] % 8 == 0


def test_what_a_made_up_service_says_of_failures_counts(atelier, illustrate, folder, monkeypatch):
    monkeypatch.setenv("ATELIER_KEY", "atl-a-key-of-somebody-else")
    ran = illustrate(1, config=settings(folder, "{provider: atelier}"))
    assert ran.code == 6, ran.err
    assert "ATELIER_KEY" in ran.report["message"]
    assert "Nobody knows you here" in ran.report["message"]
    assert len(atelier.requests) == 1


@pytest.mark.usefixtures("atelier")
def test_a_made_up_service_stands_in_a_chain(person, illustrate, folder):
    [stability] = person("stability")
    stability.server.faults.always(lambda _: Reply.of_json({"errors": ["no"]}, status=401))
    ran = illustrate(1, config=settings(folder, "{chain: [stability, atelier/oil-on-canvas]}"))
    assert ran.code == 0, ran.err
    assert ran.slide(2)["provider"] == "atelier"


@pytest.mark.usefixtures("atelier")
def test_a_made_up_service_is_listed_with_the_others(run, folder):
    models = run("models", "--service", "atelier", config=settings(folder, "{}"), as_json=False)
    assert "oil-on-canvas" in models.out
    providers = run("providers", config=settings(folder, "{}"), as_json=False)
    assert "atelier" in providers.out


NEW_MODEL = """\
service: gemini
models:
  gemini-nano-banana-3: {like: gemini-nano-banana-2.1, price: {image: 0.02}}
"""


def test_a_new_model_of_a_known_service_is_three_lines(person, illustrate, folder, monkeypatch):
    [gemini] = person("gemini")
    monkeypatch.delenv("DECK_ILLUSTRATOR_SERVICES__CATALOG")
    (folder / "new.yaml").write_text(NEW_MODEL, encoding="utf-8")
    known = gemini_server.MODELS
    monkeypatch.setitem(known, "gemini-nano-banana-3", known["gemini-nano-banana-2.1"])
    ran = illustrate(1, config=settings(folder, "{model: gemini/gemini-nano-banana-3}"))
    assert ran.code == 0, ran.err
    assert gemini.posts[0].path == "/v1/models/gemini-nano-banana-3:generateContent"
    assert ran.slide(2)["cost_usd"] == 0.02


def test_what_a_person_says_of_a_shipped_model_wins(person, illustrate, folder, monkeypatch):
    [stability] = person("stability")
    monkeypatch.delenv("DECK_ILLUSTRATOR_SERVICES__CATALOG")
    own = "service: stability\nmodels: {stable-image-core: {parameters: {output_format: {default: webp}}}}\n"
    (folder / "stability.yaml").write_text(own, encoding="utf-8")
    ran = illustrate(1, config=settings(folder, "{provider: stability}"))
    assert ran.code == 0, ran.err
    assert stability.posts[0].body["output_format"] == "webp"
    assert ran.slide(2)["cost_usd"] == 0.03, "the rest stays as it was"


MISTAKES = {
    "a field that is none": ("prompt_limit_chars: 900", "prompt_limit: 900", ["oil-on-canvas", "prompt_limit"]),
    "a type that is none": ("type: integer, min", "type: whole, min", ["oil-on-canvas", "strokes"]),
    "a number that is a text": ("max_pixels: 500000", "max_pixels: many", ["oil-on-canvas", "max_pixels"]),
    "a default it refuses": ("default: 5", "default: 12", ["oil-on-canvas", "strokes"]),
    "a placeholder for nothing": ('"{{strokes}}"', '"{{stroke}}"', ["easel", "{{stroke}}", "did you mean strokes?"]),
    "no JMESPath": ("wall[0].link", "wall[0.link", ["easel", "result", "image"]),
    "no regular expression": ("when: problem.nr == `23`", "text: '('", ["errors", "text"]),
    "a shape of two kinds": ("shape: {free:", "shape: {ratios: ['1:1'], free:", ["oil-on-canvas", "shape"]),
    "a kind of failure that is none": ("kind: policy", "kind: rude", ["errors", "kind"]),
    "no YAML": ("title: Atelier", "title: [", ["YAML"]),
}


@pytest.mark.usefixtures("atelier")
@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_names_file_model_and_field_before_anything_is_done(run, tmp_path, folder, mistake):
    before, after, told = MISTAKES[mistake]
    assert before in ATELIER
    (folder / "atelier.yaml").write_text(ATELIER.replace(before, after), encoding="utf-8")
    deck = tmp_path / "deck.pptx"
    Presentation().save(str(deck))
    ran = run(deck, config=settings(folder, "{provider: atelier}"))
    assert ran.code == 2, ran.err
    for word in (str(folder / "atelier.yaml"), *told):
        assert word in ran.err
    assert ran.err.count("\n") == 1
