"""What every server has in common: connections that hang or break, the script of faults, the log of requests."""

from __future__ import annotations

import gc
import re
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import openai
import pytest

from tests.fakes import OpenAIServer, openai_faults
from tests.fakes.answers import Draw
from tests.fakes.faults import fine, hang, html_error_page, late, reset_in_mid_body


def test_a_hanging_connection_runs_into_the_clients_timeout(painter: OpenAIServer, draw: Draw) -> None:
    painter.faults.always(hang())
    with pytest.raises(openai.APITimeoutError):
        draw(timeout=0.05)


def test_stopping_releases_hanging_handlers_at_once_and_leaves_no_thread(
    draw_on: Callable[[OpenAIServer], Draw],
) -> None:
    before = threading.active_count()
    server = OpenAIServer(latency_s=60).start()
    draw = draw_on(server)
    with ThreadPoolExecutor(4) as pool:
        calls = [pool.submit(draw) for _ in range(4)]
        while len(server.requests) < 4:
            time.sleep(0.001)
        started = time.monotonic()
        server.stop()
        assert time.monotonic() - started < 0.3
        assert all(isinstance(call.exception(), openai.APIConnectionError) for call in calls)
    assert server.peak_in_flight == 4
    assert threading.active_count() == before


def test_a_stopped_server_leaves_no_socket_open(draw_on: Callable[[OpenAIServer], Draw]) -> None:
    with warnings.catch_warnings(record=True, action="always", category=ResourceWarning) as leaks:
        with OpenAIServer() as server:
            draw_on(server)()
        del server
        gc.collect()
    assert not [leak.message for leak in leaks]


def test_a_hang_of_some_seconds_ends_without_an_answer(painter: OpenAIServer, draw: Draw) -> None:
    painter.faults.always(hang(0.01))
    with pytest.raises(openai.APIConnectionError):
        draw()


def test_a_late_answer_comes_all_the_same(painter: OpenAIServer, draw: Draw) -> None:
    painter.faults.always(late(0.05))
    started = time.monotonic()
    assert draw().data
    assert time.monotonic() - started >= 0.05


def test_a_connection_can_be_reset_in_the_middle_of_a_body(painter: OpenAIServer, draw: Draw) -> None:
    painter.faults.always(reset_in_mid_body)
    with pytest.raises(openai.APIConnectionError):
        draw()


def test_a_proxy_answers_with_a_page(painter: OpenAIServer, draw: Draw) -> None:
    painter.faults.always(html_error_page(502))
    with pytest.raises(openai.InternalServerError) as caught:
        draw()
    assert caught.value.code is None
    assert "<html>" in caught.value.response.text


def test_a_fault_can_strike_by_number_and_by_content_and_only_so_often(painter: OpenAIServer, draw: Draw) -> None:
    painter.faults.on_call(2, openai_faults.server_error())
    painter.faults.when(lambda body: "moon" in body["prompt"], openai_faults.forbidden(), times=1)
    draw("sun")
    with pytest.raises(openai.InternalServerError):
        draw("sun")
    with pytest.raises(openai.PermissionDeniedError):
        draw("moon")
    draw("moon")


def test_the_first_rule_that_applies_wins_until_the_script_is_cleared(painter: OpenAIServer, draw: Draw) -> None:
    painter.faults.on_call(1, fine)
    painter.faults.always(late(0.001, openai_faults.forbidden()))
    draw()
    with pytest.raises(openai.PermissionDeniedError):
        draw()
    painter.faults.clear()
    draw()


def test_the_log_holds_time_headers_and_body_of_every_request(painter: OpenAIServer, draw: Draw) -> None:
    before = time.monotonic()
    draw("Sea")
    draw("Sky")
    first, second = painter.requests
    assert before <= first.at_s <= second.at_s <= time.monotonic()
    assert [first.body["prompt"], second.body["prompt"]] == ["Sea", "Sky"]
    assert first.headers["authorization"] == f"Bearer {painter.api_key}"


def test_a_defect_of_a_test_script_is_raised_when_the_server_stops(draw_on: Callable[[OpenAIServer], Draw]) -> None:
    server = OpenAIServer().start()
    server.faults.when(lambda body: bool(body["no such field"]), fine)
    with pytest.raises(openai.APIConnectionError):
        draw_on(server)()
    with pytest.raises(KeyError, match="no such field"):
        server.stop()


def test_both_servers_run_in_the_foreground_and_stop_on_sigterm() -> None:
    command = [sys.executable, "-m", "tests.fakes", "--image-seconds", "0.01"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(2)]
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 0
    assert lines[0].startswith("export ANTHROPIC_BASE_URL=http://127.0.0.1:")
    assert re.fullmatch(r"export OPENAI_BASE_URL=http://127\.0\.0\.1:\d+/v1 OPENAI_API_KEY=\S+\n", lines[1])
