"""Every line of the log names run, worker and slide, and none holds a key."""

from __future__ import annotations

import logging
import threading
from contextvars import copy_context
from io import StringIO
from pathlib import Path

import pytest

from pipeline.errors import FileAccessError
from pipeline.events import current_slide
from pipeline.reporting.logs import run_log

log = logging.getLogger("pipeline.tests")
SECRETS = ("sk-ant-hush", "sk-hush")


def fail(message):
    raise ValueError(message)


@pytest.fixture
def written(tmp_path):
    def write(action, echo=None):
        path = tmp_path / "run.log"
        with run_log(path, "run-7", SECRETS, echo):
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
