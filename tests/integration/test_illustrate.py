"""A deck goes in, the same deck with pictures comes out, and everything is told."""

from __future__ import annotations

import hashlib
import zipfile
from io import BytesIO

import pytest
from PIL import Image
from pptx import Presentation

from tests.conftest import ROOT
from tests.fakes import OpenAIServer
from tests.integration.support import our_pictures


def test_a_deck_is_illustrated_through_both_services(run, services, make_deck, tmp_path):
    claude, openai = services
    source = make_deck(5)
    before = hashlib.sha256(source.read_bytes()).hexdigest()
    ran = run(source, "-o", tmp_path / "out.pptx")
    assert ran.code == 0, ran.err
    assert ran.report["status"] == "success"
    assert set(our_pictures(tmp_path / "out.pptx")) == {2, 3, 4, 5, 6}
    assert len(claude.requests) == len(openai.requests) == 5
    assert hashlib.sha256(source.read_bytes()).hexdigest() == before, "the input was written to"


def test_the_report_says_everything_it_promises(run, services, make_deck, tmp_path):
    services[1].shrink = 1
    ran = run(make_deck(2), "-o", tmp_path / "out.pptx")
    report = ran.report
    assert report["exit_code"] == 0
    assert report["input"].endswith("deck.pptx")
    assert report["output"] == str(tmp_path / "out.pptx")
    assert report["offline"] is False
    assert report["planned"] == 2
    assert report["prompts"] == report["images"] == {"succeeded": 2, "failed": 0}
    assert report["cost_usd"] == pytest.approx(sum(slide["cost_usd"] for slide in report["slides"]), abs=1e-5)
    assert report["cost_usd"] > 0
    assert report["seconds"] > 0
    title, content, _ = report["slides"]
    assert (title["number"], title["status"], title["reason"]) == (1, "skipped", "title slide")
    assert content["title"] == "Stage 1 of a river"
    assert content["status"] == "illustrated"
    assert content["prompt"].isascii()
    assert "No text, no letters, no logos" in content["prompt"]
    assert content["alt_text"]
    assert (content["provider"], content["model"]) == ("openai", "gpt-image-2.6-flare")
    assert content["attempts"] == 1
    with Image.open(content["image"]) as image:
        assert image.width > 500
    assert content["slot"]["kind"] == "free"
    assert {"left_emu", "top_emu", "width_emu", "height_emu"} <= set(content["slot"])


def test_a_picture_stands_in_its_slot_cropped_not_stretched_and_described(run, services, make_deck, tmp_path):
    services[1].shrink = 1
    ran = run(make_deck(1), "-o", tmp_path / "out.pptx")
    picture, slot = our_pictures(tmp_path / "out.pptx")[2], ran.slide(2)["slot"]
    assert (picture.left, picture.top) == (slot["left_emu"], slot["top_emu"])
    assert (picture.width, picture.height) == (slot["width_emu"], slot["height_emu"])
    image = Image.open(BytesIO(picture.image.blob))
    assert image.width / image.height == pytest.approx(picture.width / picture.height, rel=0.005)
    assert image.width <= picture.width / 914_400 * 200 * 1.05 + 1
    assert picture._element.nvPicPr.cNvPr.get("descr") == ran.slide(2)["alt_text"]


def test_the_service_is_asked_for_a_shape_near_the_slots(run, services, make_deck, tmp_path):
    _, openai = services
    ran = run(make_deck(1), "-o", tmp_path / "out.pptx")
    width, height = map(int, openai.requests[0].body["size"].split("x"))
    slot = ran.slide(2)["slot"]
    assert width / height == pytest.approx(slot["width_emu"] / slot["height_emu"], rel=0.03)


def test_every_other_part_of_the_deck_keeps_its_content(run, services, make_deck, tmp_path):
    source = make_deck(2)
    run(source, "-o", tmp_path / "out.pptx")
    with zipfile.ZipFile(source) as before, zipfile.ZipFile(tmp_path / "out.pptx") as after:
        illustrated = ("ppt/slides/slide2", "ppt/slides/slide3", "ppt/slides/_rels", "[Content_Types]")
        for name in before.namelist():
            if not name.startswith(illustrated):
                assert after.read(name) == before.read(name), name


def test_a_second_run_on_the_finished_deck_adds_and_replaces_nothing(run, services, make_deck, tmp_path):
    claude, openai = services
    run(make_deck(3), "-o", tmp_path / "out.pptx")
    calls = len(claude.requests) + len(openai.requests)
    again = run(tmp_path / "out.pptx")
    assert again.code == 3
    assert again.report["status"] == "nothing_to_do"
    assert again.report["output"] is None
    assert len(claude.requests) + len(openai.requests) == calls
    assert not list(tmp_path.glob("out.illustrated*"))


def test_offline_needs_no_key_and_says_that_it_is_offline(run, make_deck, tmp_path):
    ran = run(make_deck(3), "-o", tmp_path / "out.pptx")
    assert ran.code == 0
    assert ran.report["offline"] is True
    assert "ANTHROPIC_API_KEY" in ran.err
    assert "OPENAI_API_KEY" in ran.err
    assert len(our_pictures(tmp_path / "out.pptx")) == 3


def test_the_argument_offline_calls_no_service_even_with_keys(run, services, make_deck, tmp_path):
    claude, openai = services
    assert run(make_deck(2), "-o", tmp_path / "out.pptx", "--offline").code == 0
    assert claude.requests == openai.requests == ()


def test_offline_pictures_are_the_same_every_time_and_differ_between_slides(run, make_deck, tmp_path):
    source = make_deck(3)
    for name in ("one", "two"):
        run(source, "-o", tmp_path / f"{name}.pptx", "--offline")
    blobs = [[p.image.blob for p in our_pictures(tmp_path / f"{name}.pptx").values()] for name in ("one", "two")]
    assert blobs[0] == blobs[1]
    assert len(set(blobs[0])) == 3


@pytest.mark.parametrize("setting", ["prompts: {provider: anthropic}", "images: {provider: openai}"])
def test_a_service_named_without_its_key_is_code_6_and_names_the_variable(run, make_deck, tmp_path, setting):
    ran = run(make_deck(1), "-o", tmp_path / "out.pptx", config=setting)
    assert ran.code == 6
    assert "_API_KEY" in ran.err
    assert not list(tmp_path.glob("out*"))


def test_a_russian_deck_with_its_own_prompt_sends_clean_english_only(run, services, tmp_path):
    claude, openai = services
    ran = run(ROOT / "samples" / "neural-networks.pptx", "-o", tmp_path / "out.pptx")
    assert ran.code == 0, ran.err
    prompts = [request.body["prompt"] for request in openai.requests]
    assert len(prompts) == 12
    assert all(prompt.isascii() for prompt in prompts)
    assert ran.slide(10)["prompt"].startswith("NEURAL NETWORK ARCHITECTURE DIAGRAM, isometric 3D view")
    assert len(claude.requests) == 11, "the slide with its own prompt needs no writer"


def test_an_empty_picture_placeholder_is_filled_as_a_placeholder(run, services, tmp_path):
    source = ROOT / "samples" / "lecture-4x3.pptx"
    ran = run(source, "-o", tmp_path / "out.pptx", "--slides", "3")
    assert ran.slide(3)["slot"]["kind"] == "placeholder"
    picture = our_pictures(tmp_path / "out.pptx")[3]
    assert picture.is_placeholder
    before = list(Presentation(str(source)).slides)[2].shapes
    frame = next(shape for shape in before if shape.shape_id == picture.shape_id)
    for edge in ("left", "top", "width", "height"):
        assert getattr(picture, edge) == getattr(frame, edge)


def test_only_the_chosen_slides_are_touched(run, services, make_deck, tmp_path):
    ran = run(make_deck(5), "-o", tmp_path / "out.pptx", "--slides", "3-4,6")
    assert set(our_pictures(tmp_path / "out.pptx")) == {3, 4, 6}
    assert ran.report["planned"] == 3


def test_sequential_makes_the_same_deck_one_call_at_a_time(run, services, make_deck, tmp_path):
    _, openai = services
    openai.latency_s = 0.02
    ran = run(make_deck(4), "-o", tmp_path / "out.pptx", "--sequential", "--workers", "4")
    assert ran.code == 0
    assert openai.peak_in_flight == 1


def test_workers_make_pictures_at_the_same_time(run, services, make_deck, tmp_path):
    _, openai = services
    openai.latency_s = 0.3
    run(make_deck(6), "-o", tmp_path / "out.pptx", "--workers", "3")
    assert openai.peak_in_flight == 3


def test_a_compatible_server_that_answers_with_an_address_works(run, claude, monkeypatch, make_deck, tmp_path):
    with OpenAIServer(compatible=True) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", server.api_key)
        ran = run(make_deck(2), "-o", tmp_path / "out.pptx", "--image-model", "some-local-model")
    assert ran.code == 0, ran.err
    assert len(our_pictures(tmp_path / "out.pptx")) == 2


def test_plan_calls_nothing_and_writes_nothing(run, services, make_deck, tmp_path):
    claude, openai = services
    source = make_deck(3)
    files = set(tmp_path.iterdir())
    ran = run("plan", source)
    assert ran.code == 0
    assert ran.report["planned"] == 3
    assert ran.report["cost_usd"] > 0
    assert claude.requests == openai.requests == ()
    assert {path.name for path in set(tmp_path.iterdir()) - files} <= {"illustrate.yaml"}


def test_the_summary_tells_each_slides_fate(run, services, make_deck, tmp_path):
    ran = run(make_deck(2), "-o", tmp_path / "out.pptx", as_json=False)
    assert "title slide" in ran.out
    assert "2 of 2 pictures" in ran.out
    assert "worker-1" in ran.out


def test_every_line_of_the_log_names_run_worker_and_slide(run, services, make_deck, tmp_path):
    ran = run(make_deck(2), "-o", tmp_path / "out.pptx")
    lines = (tmp_path / "out.work" / "run.log").read_text(encoding="utf-8").splitlines()
    assert len(lines) >= 4
    stamped = [line for line in lines if line[:2] == "20"]
    assert all(f"run={ran.report['run_id']}" in line and "slide=" in line for line in stamped)
    assert any("worker-" in line for line in stamped)
