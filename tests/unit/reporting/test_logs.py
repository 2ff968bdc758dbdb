"""Every line of the log names run, worker and slide, and none holds a key."""

from __future__ import annotations

import json
import logging
import threading
from contextvars import copy_context
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest

from pipeline.config.spellings import spellings
from pipeline.errors import FileAccessError
from pipeline.events import current_slide
from pipeline.reporting.logs import json_lines, run_log

log = logging.getLogger("pipeline.tests")
SECRETS = ("sk-ant-hush", "sk-hush")


def fail(message):
    raise ValueError(message)


@pytest.fixture
def written(tmp_path):
    def write(action, echo=None, secrets=SECRETS, log_format="text"):
        path = tmp_path / "run.log"
        with run_log(path, "run-7", secrets, echo, log_format=log_format):
            action()
        return path.read_text(encoding="utf-8").splitlines()

    return write


def test_a_line_names_run_worker_and_slide(written):
    def work():
        current_slide.set(4)
        log.info("drawn")

    def action():
        thread = threading.Thread(target=copy_context().run, args=(work,), name="worker-2")
        thread.start()
        thread.join()
        log.info("between slides")

    drawn, between = written(action)
    assert "INFO    run=run-7 worker-2 slide=4 drawn" in drawn
    assert "slide=- between slides" in between


def test_runs_under_way_at_once_each_have_their_own_log(tmp_path):
    logger = logging.getLogger("pipeline")
    former = logger.level

    def run(name, meanwhile):
        with run_log(tmp_path / f"{name}.log", name, SECRETS, None):
            log.debug("first of %s", name)
            meanwhile()
            log.debug("last of %s", name)

    def other():
        thread = threading.Thread(target=run, args=("two", lambda: None))
        thread.start()
        thread.join()

    run("one", other)
    told = {name: (tmp_path / f"{name}.log").read_text(encoding="utf-8") for name in ("one", "two")}
    assert all(text.count("\n") == 2 and f"last of {name}" in text for name, text in told.items())
    assert logger.level == former


def test_keys_are_taken_out_of_messages_arguments_and_tracebacks(written):
    def action():
        log.warning("refused: sk-hush and %s", "sk-ant-hush")
        try:
            fail("Authorization: Bearer sk-ant-hush")
        except ValueError:
            log.exception("failed")

    lines = written(action)
    assert "hush" not in "\n".join(lines)
    assert "refused: *** and ***" in lines[0]
    assert lines[-1].endswith("Bearer ***")


def test_every_line_of_a_traceback_or_a_long_message_is_stamped(written):
    def action():
        log.info("first\nsecond\n2026-11-20 forged")
        log.info("")
        try:
            fail("x")
        except ValueError:
            log.exception("failed")

    lines = written(action)
    assert len(lines) > 6
    assert all(" run=run-7 " in line and " slide=- " in line for line in lines)


def test_a_name_that_is_no_valid_text_is_written_all_the_same(written, monkeypatch):
    monkeypatch.setattr(logging.getLogger("pipeline"), "propagate", False)  # pytest-xdist cannot hand such text on
    (line,) = written(lambda: log.info("delivered %s", "caf\udce9.pptx"))
    assert line.endswith("delivered caf\\udce9.pptx")


def test_the_log_can_be_echoed_with_the_keys_taken_out_there_too(written):
    echo = StringIO()
    lines = written(lambda: log.debug("key sk-hush"), echo)
    assert echo.getvalue().splitlines() == lines


def test_json_is_one_object_a_line_with_the_same_facts(written):
    def action():
        current_slide.set(4)
        log.info("drawn\nin %s lines\u2028", 3)
        current_slide.set(None)
        log.debug("between slides")

    drawn, between = map(json.loads, written(lambda: copy_context().run(action), log_format="json"))
    when = datetime.fromisoformat(drawn.pop("time"))
    assert when.utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - when) < timedelta(minutes=1)
    assert drawn == {
        "level": "INFO",
        "run": "run-7",
        "worker": threading.current_thread().name,
        "slide": 4,
        "logger": "pipeline.tests",
        "message": "drawn\nin 3 lines\u2028",
    }
    assert (between["slide"], between["level"]) == (None, "DEBUG")


def test_a_traceback_is_one_string_in_json_and_a_stack_too(written):
    def action():
        try:
            fail("first\nsecond")
        except ValueError:
            log.exception("failed", stack_info=True)

    (line,) = map(json.loads, written(action, log_format="json"))
    assert line["message"] == "failed"
    assert line["traceback"].startswith("Traceback (most recent call last)")
    assert "\nValueError: first\nsecond\nStack (most recent call last)" in line["traceback"]


def test_no_spelling_of_a_key_stands_in_json(written):
    key = 'sk-"hush"\\caf\u00e9+/\ntail'
    secrets = spellings([key])

    def action():
        log.warning("raw %s escaped %s twice %s", key, json.dumps(key), json.dumps(json.dumps(key)))
        try:
            fail(f"Bearer {key} and {json.dumps(key)}")
        except ValueError:
            log.exception("failed")

    echo = StringIO()
    lines = written(action, echo, secrets, "json")
    assert echo.getvalue().splitlines() == lines
    warned, failed = map(json.loads, lines)
    assert warned["message"].startswith('raw *** escaped "***" twice ')
    assert failed["traceback"].endswith('ValueError: Bearer *** and "***"')
    assert not [secret for secret in secrets for line in lines if secret in line]


def test_what_a_formatter_before_made_of_an_exception_is_cleaned_too(tmp_path):
    def action():
        try:
            fail("sk-hush")
        except ValueError:
            log.exception("failed")

    stream = StringIO()
    second = json_lines(stream, SECRETS)
    with run_log(tmp_path / "run.log", "run-7", (), None):  # whose formatter leaves the traceback on the record
        logging.getLogger("pipeline").addHandler(second)
        try:
            action()
        finally:
            logging.getLogger("pipeline").removeHandler(second)
    assert json.loads(stream.getvalue())["traceback"].endswith("ValueError: ***")


def test_json_is_ascii_that_strict_readers_take(written, monkeypatch):
    monkeypatch.setattr(logging.getLogger("pipeline"), "propagate", False)  # pytest-xdist cannot hand such text on
    (line,) = written(lambda: log.info("caf\udce9 Лиса"), log_format="json")
    assert line.isascii()
    assert json.loads(line)["message"] == "caf\\udce9 Лиса"


def test_a_whole_process_can_have_its_lines_in_one_stream(tmp_path):
    stream = StringIO()
    logger = logging.getLogger("pipeline")
    handler = json_lines(stream, SECRETS)
    logger.addHandler(handler)
    try:
        for run in ("one", "two"):
            with run_log(tmp_path / f"{run}.log", run, SECRETS, None):
                log.debug("sk-hush of %s", run)
        log.warning("no run's")
    finally:
        logger.removeHandler(handler)
    told = [(line["run"], line["message"]) for line in map(json.loads, stream.getvalue().splitlines())]
    assert told == [("one", "*** of one"), ("two", "*** of two"), ("", "no run's")]


def test_after_the_run_nothing_more_is_written_and_the_logger_is_as_before(written):
    logger = logging.getLogger("pipeline")
    before = (logger.level, list(logger.handlers))
    assert len(written(lambda: log.info("one"))) == 1
    log.warning("two")
    assert (logger.level, list(logger.handlers)) == before


def test_it_is_put_back_also_when_the_run_dies(tmp_path):
    def die():
        with run_log(tmp_path / "run.log", "r", (), None):
            raise RuntimeError("bug")

    before = list(logging.getLogger("pipeline").handlers)
    with pytest.raises(RuntimeError):
        die()
    assert list(logging.getLogger("pipeline").handlers) == before


def test_a_log_that_cannot_be_written_is_a_file_error(tmp_path):
    with pytest.raises(FileAccessError, match="the log cannot be written"), run_log(tmp_path, "r", (), None):
        pass


def test_a_second_run_adds_to_the_log(written):
    written(lambda: log.info("one"))
    assert len(written(lambda: log.info("two"))) == 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_disk_that_takes_no_more_of_the_log_is_no_failure_and_the_echo_goes_on(capsys):
    echo = StringIO()
    with run_log(Path("/dev/full"), "r", (), echo):
        log.info("one")
        log.info("two")
    assert echo.getvalue().count("\n") == 2
    assert capsys.readouterr().err == ""
