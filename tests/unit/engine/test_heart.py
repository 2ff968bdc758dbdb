"""A heart beats beside everything else until it is stopped, whatever a beat brings."""

from __future__ import annotations

import threading
from queue import SimpleQueue

from pipeline.engine.heart import Heart

PATIENCE_S = 10.0


def test_it_beats_in_a_thread_of_its_own_that_keeps_no_process():
    beats = SimpleQueue()
    with Heart(lambda: beats.put(threading.current_thread()), 0.001):
        threads = {beats.get(timeout=PATIENCE_S) for _ in range(3)}
    (thread,) = threads
    assert thread is not threading.current_thread()
    assert thread.daemon
    assert not thread.is_alive()


def test_it_stops_at_once_and_waits_for_the_beat_under_way():
    begun, may_end, ended = threading.Event(), threading.Event(), []

    def beat():
        begun.set()
        may_end.wait(PATIENCE_S)
        ended.append(1)

    with Heart(beat, 0.001):
        begun.wait(PATIENCE_S)
        threading.Timer(0.05, may_end.set).start()
    assert ended == [1]
    with Heart(beat, 3600.0):
        pass
    assert ended == [1]


def test_a_beat_that_fails_is_logged_and_the_next_one_comes(caplog):
    beats = SimpleQueue()

    def beat():
        beats.put(1)
        raise ValueError("no good")

    with Heart(beat, 0.001):
        for _ in range(3):
            beats.get(timeout=PATIENCE_S)
    assert "the heart missed a beat" in caplog.text
    assert "no good" in caplog.text
