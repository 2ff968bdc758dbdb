"""Bad input gets a clear answer: one line that says what is wrong, its exit code, and nothing left behind."""

from __future__ import annotations

import json
import os
import re
import struct
from pathlib import Path

import pytest
from pptx import Presentation

from pipeline.cli import main
from tests.conftest import ROOT
from tests.integration.conftest import Ran
from tests.integration.support import CONFIG, names_in
from tests.unit.deck.build import part, rewritten

SAMPLE = ROOT / "samples" / "lecture-4x3.pptx"
MAIN = b"application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
AS_ROOT = not hasattr(os, "geteuid") or os.geteuid() == 0


@pytest.fixture
def type_in(capsys):
    """Run the program with exactly these words, with no config of the test's own."""

    def call(*words: object) -> Ran:
        code = main([*map(str, words)])
        captured = capsys.readouterr()
        return Ran(code=code, out=captured.out, err=captured.err)

    return call


@pytest.fixture
def refused(run, tmp_path):
    """Run the program on input it must refuse; give back its one line, the rest of the promise checked."""

    def call(*words: object, code: int, config: str = "style: flat\n") -> str:
        before = names_in(tmp_path) | {CONFIG}
        ran = run(*words, config=config, as_json=False)
        assert ran.code == code, ran.err
        assert ran.out == ""
        assert names_in(tmp_path) == before, "a file was left behind"
        return line_of(ran)

    return call


def line_of(ran: Ran) -> str:
    """The one line on stderr."""
    assert ran.err.startswith("error: ")
    assert ran.err.count("\n") == 1
    assert ran.err.endswith("\n")
    assert "Traceback" not in ran.err
    return ran.err


# --- decks that are none ---


def _truncated(path: Path) -> Path:
    path.write_bytes(SAMPLE.read_bytes()[:20_000])
    return path


def _with_bytes(data: bytes, path: Path) -> Path:
    path.write_bytes(data)
    return path


def _of_type(content_type: bytes, path: Path) -> Path:
    path.write_bytes(SAMPLE.read_bytes())
    return rewritten(path, {"[Content_Types].xml": part(path, "[Content_Types].xml").replace(MAIN, content_type)})


def _strict(path: Path) -> Path:
    path.write_bytes(SAMPLE.read_bytes())
    transitional, strict = b"http://schemas.openxmlformats.org/officeDocument/2006", b"http://purl.oclc.org/ooxml/"
    relations = part(path, "_rels/.rels").replace(transitional, strict + b"officeDocument")
    return rewritten(path, {"_rels/.rels": relations})


def _without_slides(path: Path) -> Path:
    Presentation().save(str(path))
    return path


def _bomb(path: Path) -> Path:
    """A part of a megabyte that says it unpacks to three gigabytes."""
    path.write_bytes(SAMPLE.read_bytes())
    rewritten(path, {"ppt/media/image1.bmp": bytes(1_000_000)})
    size, claimed = struct.pack("<L", 1_000_000), struct.pack("<L", 3_000_000_000)
    return _with_bytes(path.read_bytes().replace(size, claimed), path)


DOCUMENT = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
BAD_DECKS = {
    "missing": (lambda path: path, "no such file"),
    "text": (lambda path: _with_bytes(b"Dear all,\nsee you on Monday\n", path), "not a PowerPoint file"),
    "empty": (lambda path: _with_bytes(b"", path), "empty"),
    "truncated": (_truncated, "damaged"),
    "old ppt": (lambda path: _with_bytes(OLE + "PowerPoint Document".encode("utf-16-le"), path), "old .ppt format"),
    "encrypted": (lambda path: _with_bytes(OLE + "EncryptedPackage".encode("utf-16-le"), path), "password"),
    "document": (lambda path: _of_type(DOCUMENT, path), "another kind"),
    "strict": (_strict, "Strict"),
    "no slides": (_without_slides, "no slides"),
    "zip bomb": (_bomb, "zip bomb"),
}


@pytest.mark.parametrize("command", [[], ["plan"]], ids=["illustrate", "plan"])
@pytest.mark.parametrize(("make", "said"), BAD_DECKS.values(), ids=BAD_DECKS)
def test_what_is_no_deck_is_code_4_in_one_line(refused, tmp_path, make, said, command):
    deck = make(tmp_path / "talk.pptx")
    line = refused(*command, deck, code=4)
    assert said in line
    assert "talk.pptx" in line


@pytest.mark.parametrize("name", ["talk.ppt", "talk.potx", "talk", "TALK.PPTX"])
def test_what_a_file_is_counts_and_not_what_it_is_called(refused, tmp_path, name):
    assert "not a PowerPoint file" in refused(_with_bytes(b"plain words", tmp_path / name), code=4)


def test_a_folder_is_no_deck(refused, tmp_path):
    folder = tmp_path / "talks.pptx"
    folder.mkdir()
    assert "not a file" in refused(folder, code=4)
    assert names_in(folder) == set()


def test_a_name_with_a_line_break_still_gives_one_line(refused, tmp_path):
    refused(tmp_path / "two\nlines.pptx", code=4)


@pytest.mark.skipif(AS_ROOT, reason="root may read every file")
def test_a_deck_one_may_not_read_is_code_5(refused, make_deck):
    source = make_deck(1)
    source.chmod(0)
    refused(source, "--offline", code=5)


# --- outputs that cannot be ---


def test_an_output_folder_that_is_missing_is_code_5(refused, make_deck, tmp_path):
    line = refused(make_deck(1), "-o", tmp_path / "nowhere" / "out.pptx", code=5)
    assert "nowhere" in line
    assert "no such folder" in line


@pytest.mark.skipif(AS_ROOT, reason="root may write to every folder")
def test_an_output_folder_one_may_not_write_to_is_code_5(refused, make_deck, tmp_path):
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    refused(make_deck(1), "-o", locked / "out.pptx", code=5)
    assert names_in(locked) == set()


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs a folder that takes no file from anyone: /proc")
def test_an_output_folder_that_takes_no_file_is_code_5(refused, make_deck):
    assert "cannot be written" in refused(make_deck(1), "-o", "/proc/self/out.pptx", code=5)


def test_an_output_that_exists_is_kept_unless_forced(refused, run, services, make_deck, tmp_path):
    claude, _ = services
    out = _with_bytes(b"precious", tmp_path / "out.pptx")
    assert "--force" in refused(make_deck(1), "-o", out, code=5)
    assert out.read_bytes() == b"precious"
    assert claude.requests == ()
    assert run(tmp_path / "deck.pptx", "-o", out, "--force", "--offline").code == 0
    assert len(Presentation(str(out)).slides) == 2


def test_the_default_output_is_kept_too(refused, make_deck, tmp_path):
    source = make_deck(1)
    _with_bytes(b"precious", tmp_path / "deck.illustrated.pptx")
    assert "--force" in refused(source, code=5)


def test_an_output_that_is_a_folder_is_code_5_even_if_forced(refused, make_deck, tmp_path):
    (tmp_path / "out.pptx").mkdir()
    assert "folder" in refused(make_deck(1), "-o", tmp_path / "out.pptx", "--force", code=5)


@pytest.mark.parametrize("spelled", ["deck.pptx", "./deck.pptx", "link.pptx", "hard.pptx"])
def test_the_input_is_never_the_output_whatever_it_is_called(refused, make_deck, tmp_path, spelled):
    source = make_deck(1)
    (tmp_path / "link.pptx").symlink_to(source)
    (tmp_path / "hard.pptx").hardlink_to(source)
    before = source.read_bytes()
    assert "never written to" in refused(source, "-o", spelled, "--force", code=2)
    assert source.read_bytes() == before


@pytest.mark.parametrize("name", ["out.pdf", "out.pptm", "out", "out.ppt"])
def test_an_output_of_another_type_is_code_2(refused, make_deck, tmp_path, name):
    assert "must end in .pptx" in refused(make_deck(1), "-o", tmp_path / name, code=2)


def test_a_work_folder_that_cannot_be_made_is_code_5(refused, make_deck, tmp_path):
    _with_bytes(b"I am a file", tmp_path / "out.work")
    assert "work_folder" in refused(make_deck(1), "-o", tmp_path / "out.pptx", "--offline", code=5)


def test_a_work_folder_below_a_file_is_code_5(refused, make_deck, tmp_path):
    _with_bytes(b"I am a file", tmp_path / "file")
    refused(make_deck(1), "-o", tmp_path / "out.pptx", config="output: {work_folder: file}", code=5)


# --- settings ---


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ("workers: [1, 2", ["not valid YAML", "line 1"]),
        ("- just\n- a list\n", ["key: value"]),
        ("style: flat\nworkers:\n  image_worker: 3\n", ["line 3", "image_worker", "did you mean image_workers?"]),
        ("wrkers: {image_workers: 3}\n", ["line 1", "did you mean workers?"]),
        ("workers: {image_workers: many}\n", ["workers.image_workers", "'many'"]),
        ("workers: {image_workers: 0}\n", ["workers.image_workers"]),
        ("gate: {min_success_rate: 80}\n", ["gate.min_success_rate", "80"]),
        ("workers: 3\n", ["workers"]),
        ("style: watercolor-of-sorts\n", ["watercolor-of-sorts", "watercolour"]),
        ("prompts: {provider: gemini}\n", ["prompts.provider", "models --type text"]),
        ("prompts: {folder: nowhere}\n", ["nowhere", "prompts.folder"]),
        ("1: 2\n", ["1"]),
        ("workers: {image_timeout_s: .nan}\n", ["workers.image_timeout_s"]),
    ],
)
def test_a_broken_config_is_code_2_and_says_where(refused, make_deck, config, said):
    line = refused(make_deck(1), code=2, config=config)
    for words in said:
        assert words in line


def test_all_problems_of_a_config_are_told_at_once(refused, make_deck):
    config = "styel: flat\nworkers:\n  image_workers: -1\n  prompt_delay_s: soon\ngate: {min_success_rate: 2}\n"
    line = refused(make_deck(1), code=2, config=config)
    for key in ("did you mean style?", "workers.image_workers", "workers.prompt_delay_s", "gate.min_success_rate"):
        assert key in line
    assert line.count(CONFIG) == 4


def test_a_missing_config_is_code_2(type_in, make_deck, tmp_path):
    ran = type_in(make_deck(1), "--config", tmp_path / "nowhere.yaml")
    assert ran.code == 2
    assert "nowhere.yaml" in line_of(ran)


@pytest.mark.parametrize(
    "make", [lambda p: p.mkdir(), lambda p: p.write_bytes(b"style: \xff\xfe")], ids=["dir", "bytes"]
)
def test_a_config_that_is_no_text_file_is_code_5(type_in, make_deck, tmp_path, make):
    config = tmp_path / "odd.yaml"
    make(config)
    ran = type_in(make_deck(1), "--config", config)
    assert ran.code == 5
    assert "odd.yaml" in line_of(ran)


def test_a_wrong_environment_variable_is_named(type_in, monkeypatch, make_deck):
    monkeypatch.setenv("DECK_ILLUSTRATOR_WORKERS__IMAGE_WORKER", "3")
    ran = type_in(make_deck(1), "--offline")
    assert ran.code == 2
    assert "DECK_ILLUSTRATOR_WORKERS__IMAGE_WORKER" in line_of(ran)


# --- arguments ---


@pytest.mark.parametrize(
    "slides", ["two", "2-", "1,,2", "", "9", "0", "3-2", "2-99", "-1", "1.5", "²", "2;3", "9" * 5000]
)
def test_a_bad_slide_range_is_code_2(refused, make_deck, slides):
    line = refused(make_deck(2), f"--slides={slides}", code=2)
    assert "--slides" in line


def test_an_unknown_style_is_code_2_and_the_known_ones_are_told(refused, make_deck):
    line = refused(make_deck(1), "--offline", "--style", "baroque", code=2)
    assert "'baroque'" in line
    assert "isometric" in line


def test_an_unknown_style_in_the_notes_is_told_and_the_decks_own_is_used(run, make_deck, tmp_path):
    source = make_deck(2)
    presentation = Presentation(str(source))
    presentation.slides[2].notes_slide.notes_text_frame.text = "style: baroque"
    presentation.save(str(source))
    ran = run(source, "-o", tmp_path / "out.pptx", "--offline")
    assert ran.code == 0
    assert "slide 3: the notes name no style of ours (baroque)" in ran.err


@pytest.mark.parametrize("workers", ["0", "-2", "100000"])
def test_an_impossible_number_of_workers_is_code_2(refused, make_deck, workers):
    assert "workers.image_workers" in refused(make_deck(1), "--offline", f"--workers={workers}", code=2)


@pytest.mark.parametrize(
    "words", [[], ["--workers", "two", "d.pptx"], ["--sildes", "2", "d.pptx"], ["-v", "-q", "d.pptx"]]
)
def test_a_command_that_makes_no_sense_is_code_2_with_its_usage(type_in, capsys, words):
    with pytest.raises(SystemExit) as ended:
        type_in(*words)
    assert ended.value.code == 2
    assert "usage: deck-illustrator" in capsys.readouterr().err


# --- for programs ---

REFUSALS = {
    "missing deck": (["nowhere.pptx"], 4),
    "bad range": (["deck.pptx", "--slides", "9"], 2),
    "bad style": (["deck.pptx", "--style", "baroque"], 2),
    "existing output": (["deck.pptx", "-o", "deck2.pptx"], 5),
    "plan of nothing": (["plan", "nowhere.pptx"], 4),
    "config": (["config", "--style", ""], 2),
}


@pytest.mark.parametrize(("words", "code"), REFUSALS.values(), ids=REFUSALS)
def test_with_json_a_refusal_is_one_object_on_stdout_and_one_line_on_stderr(run, make_deck, words, code):
    make_deck(1)
    make_deck(1, name="deck2.pptx")
    ran = run(*words)
    report = json.loads(ran.out)
    assert ran.code == report["exit_code"] == code
    assert report["status"] == "failed"
    assert report["message"] in line_of(ran)
    assert report["slides"] == []
    assert report["output"] is None


@pytest.mark.parametrize("words", [["--help"], ["plan", "--help"], ["config", "--help"]])
def test_help_tells_the_options_and_succeeds(type_in, capsys, words):
    with pytest.raises(SystemExit) as ended:
        type_in(*words)
    assert ended.value.code == 0
    captured = capsys.readouterr()
    assert "--config" in captured.out
    assert captured.err == ""


def test_version_tells_the_version_and_succeeds(type_in, capsys):
    with pytest.raises(SystemExit) as ended:
        type_in("--version")
    assert ended.value.code == 0
    assert re.fullmatch(r"deck-illustrator \d+\.\d+\.\d+\n", capsys.readouterr().out)
