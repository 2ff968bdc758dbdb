"""The same history in a real server, and what can go wrong with one."""

from __future__ import annotations

import os
import signal
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote

import pytest
from sqlalchemy import create_engine, text

from pipeline.errors import BudgetError, FileAccessError
from pipeline.records.history import AttemptState, Response, RunState, SlideRecord
from pipeline.store.history import Bound, RunFilter, Scope, writing
from tests.unit.store.history.conftest import PASSWORD
from tests.unit.store.history.support import NOON, Desk, call, run_record

DROP = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'history'"


@pytest.fixture
def desk(tmp_path, postgres_url):
    with Desk(tmp_path, url=postgres_url) as desk:
        yield desk


def refusal(deed):
    with pytest.raises(FileAccessError) as caught:
        deed()
    message = str(caught.value)
    assert message.startswith("history.url: 127.0.0.1:")
    assert "\n" not in message
    for secret in (PASSWORD, quote(PASSWORD, safe="")):
        assert secret not in message
    return message


def test_a_life_there_is_as_in_a_file(desk, tmp_path):
    run = desk.begin_run(deck="/talks/q3.pptx", deck_hash="ab" * 32, project="acme")
    today = Bound(name="budget.max_usd_per_day", scope=Scope(since=NOON), max_usd=0.1)
    number = desk.begin(today, prompt="nul \0 and \udcff", parameters={"deep": [1, None]})
    desk.watch.pass_by(seconds=3)
    desk.history.end_attempt(number, cost_usd=0.05, response=Response(format="png", bytes=2**40))
    lost = desk.begin(today)
    with pytest.raises(BudgetError) as caught:
        desk.begin(today)
    assert caught.value.may_pass
    desk.history.save(replace(desk.history.attempt(lost), batch="batch-1"))
    found = desk.history.attempt(number)
    assert (found.prompt, found.parameters, found.seconds) == ("nul \\0 and \\udcff", {"deep": [1, None]}, 3.0)
    assert (found.created, found.response.bytes) == (NOON, 2**40)
    assert [attempt.id for attempt in desk.history.batch_attempts("batch-1")] == [lost]
    slides = [SlideRecord(run_id="run-1", number=1, title="one", status="illustrated")]
    desk.history.end_run(replace(run, state=RunState.WAITING), slides)
    assert desk.history.slides("run-1") == slides
    desk.history.end_attempt(lost, error_kind="transient", may_be_charged=True)
    desk.history.end_attempt(desk.begin(), cost_usd=0.04, continues=True)
    assert not desk.history.attempt(lost).may_be_charged
    assert desk.history.run("run").cost_usd == pytest.approx(0.09)
    assert desk.history.spent(Scope(deck=("", "/talks/q3.pptx"), project="acme")).images == 2
    wanted = RunFilter(deck="q3.pptx", status="error", project="acme", service="fake", since=NOON, limit=1)
    assert [run.id for run in desk.history.runs(wanted)] == ["run-1"]
    assert len(desk.history.attempts(wanted=wanted)) == 1
    (row,) = desk.history.stats()
    assert (row.images, row.median_s, row.maybe_usd) == (2, 1.5, 0)
    assert list(tmp_path.iterdir()) == []


def test_a_dead_runs_calls_are_lost_and_old_runs_go(desk):
    desk.begin_run()
    number = desk.begin()
    desk.history.begin_run(run_record("run-2"))
    desk.history.break_off("run-1")
    assert desk.history.attempt(number).state is AttemptState.ERROR
    desk.watch.pass_by(days=99)
    assert desk.history.prune(timedelta(days=90)) == 2
    assert desk.history.attempts() == desk.history.runs() == []


def test_a_connection_that_broke_is_made_again(desk, administrator):
    desk.begin_run()
    number = desk.begin()
    for deed in (lambda: desk.history.end_attempt(number, cost_usd=0.05), desk.history.runs):
        administrator(DROP)
        deed()
    assert desk.history.attempt(number).state is AttemptState.SUCCESS
    assert desk.warnings == []


def test_no_call_stands_there_twice_after_a_connection_broke(desk, administrator):
    desk.begin_run()
    begun = [desk.done(), desk.begin()]
    administrator(DROP)
    begun.append(desk.begin())
    administrator(DROP)
    desk.history.end_attempt(begun[1], cost_usd=0.05)
    today = Bound(name="budget.max_images_per_day", scope=Scope(since=NOON), max_images=4)
    begun.append(desk.begin(today))
    assert [attempt.id for attempt in desk.history.attempts()] == begun
    assert desk.history.spent(Scope()).images == 4


def test_a_connection_that_breaks_within_a_change_has_it_made_once(desk, administrator):
    desk.begin_run()
    begun = desk.begin()
    times = []

    def work(connection):
        number = writing.insert_attempt(connection, call())
        if not times:
            administrator(DROP)
        times.append(number)
        writing.insert_attempt(connection, call())

    desk.history._database.write(work)
    assert [attempt.id for attempt in desk.history.attempts()] == [begun, times[1], times[1] + 1]
    assert desk.warnings == []


def test_where_nobody_knows_whether_a_change_was_made_it_is_told_and_not_made_again(desk, administrator):
    desk.begin_run()
    begun = desk.begin()

    def work(connection):
        writing.insert_attempt(connection, call())
        administrator(DROP)

    assert "nobody knows whether it was" in refusal(lambda: desk.history._database.write(work))
    begun_after = desk.begin()
    assert [attempt.id for attempt in desk.history.attempts()] == [begun, begun_after]


def test_one_that_stays_locked_is_an_error_of_one_line(tmp_path, postgres_url):
    other = create_engine(postgres_url.replace("postgresql", "postgresql+psycopg"))
    with Desk(tmp_path, url=postgres_url, busy_timeout_s=0.1) as desk:
        desk.begin_run()
        with other.begin() as connection:
            connection.execute(text("LOCK TABLE attempts"))
            assert "locked for 0.1 s" in refusal(desk.begin)
        desk.begin()
    other.dispose()


def test_a_server_that_is_not_there_and_one_that_refuses(tmp_path, postgres_url):
    nowhere = postgres_url.rpartition(":")[0] + ":1/history"
    # The server's own answer names the user.
    wrong = postgres_url.replace("historian:" + quote(PASSWORD, safe=""), "an0ther:an0ther")
    for url, problem in ((nowhere, "refused"), (wrong, "password authentication failed")):
        with Desk(tmp_path, url=url) as desk:
            assert problem in refusal(desk.begin_run)
            assert "an0ther" not in refusal(desk.history.runs)


def test_what_the_driver_says_is_told_without_the_addresss_secrets(tmp_path, postgres_url):
    with Desk(tmp_path, url=f"{postgres_url}?sslpassword=t0psecret&sslmode=t0psecret") as desk:
        assert "t0psecret" not in refusal(desk.begin_run)


def test_a_database_of_a_later_version_and_one_of_another_program_are_left_alone(tmp_path, postgres_url):
    engine = create_engine(postgres_url.replace("postgresql", "postgresql+psycopg"))
    with Desk(tmp_path, url=postgres_url) as desk:
        desk.begin_run()
    for statement, problem in (
        ("UPDATE history_version SET version_num = '0007'", "a later version of this program (0007)"),
        ("DROP TABLE history_version", "another program's tables are in the way"),
    ):
        with engine.begin() as connection:
            connection.execute(text(statement))
        with Desk(tmp_path, url=postgres_url) as desk:
            assert problem in refusal(desk.begin_run)
    engine.dispose()


def test_what_the_address_asks_for_comes_before_our_own_limits(tmp_path, postgres_url):
    url = f"{postgres_url}?keepalives_idle=77&options=-c%20lock_timeout%3D4321"
    with Desk(tmp_path, url=url, busy_timeout_s=12.0) as desk:
        desk.begin_run()
        connection = desk.history._database._connection
        limits = connection.connection.dbapi_connection.info.get_parameters()
        chosen = {name: limits[name] for name in ("connect_timeout", "tcp_user_timeout", "keepalives_idle")}
        assert chosen == {"connect_timeout": "10", "tcp_user_timeout": "12000", "keepalives_idle": "77"}
        told = [connection.exec_driver_sql(f"SHOW {name}_timeout").scalar() for name in ("lock", "statement")]
        assert told == ["4321ms", "13s"]


def test_a_question_that_takes_the_server_too_long_is_an_error_of_one_line(tmp_path, postgres_url):
    with Desk(tmp_path, url=postgres_url, busy_timeout_s=0.1) as desk:
        slow = text("SELECT pg_sleep(9)")
        assert "longer than 0.1 s" in refusal(lambda: desk.history._database.write(lambda it: it.execute(slow)))
        desk.begin_run()


@contextmanager
def stopped(pids):
    """The whole server, with the process that serves us: its host still takes all that is sent."""
    try:
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


@pytest.mark.slow
def test_a_server_that_says_nothing_more_holds_no_thread_for_ever(tmp_path, postgres_url, administrator):
    with Desk(tmp_path, url=postgres_url, busy_timeout_s=0.1) as desk:
        desk.begin_run()
        begun = desk.begin()
        database = desk.history._database
        said = []
        first = threading.Thread(target=lambda: said.append(refusal(desk.begin)))
        server = int(administrator("SELECT split_part(pg_read_file('postmaster.pid'), chr(10), 1)").scalar())
        with stopped([server, database._connection.connection.dbapi_connection.info.backend_pid]):
            began = time.monotonic()
            first.start()
            while not database._lock.locked():
                time.sleep(0.001)
            assert "or the server answers nobody" in refusal(desk.begin)
            assert "or the server answers nobody" in refusal(desk.history.close)
            assert first.is_alive()
            first.join(30)
            # 2.1 s for an answer, and the 2 s that the driver waits at least for a new connection.
            assert time.monotonic() - began < 15
        assert len(said) == 1
        after = desk.begin()
        assert [attempt.id for attempt in desk.history.attempts()] == [begun, after]
