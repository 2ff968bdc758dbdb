"""Requests are counted by one run, by all processes with the same file, by all machines with the same Redis."""

from __future__ import annotations

import importlib
import shutil
import socket
import sqlite3
import subprocess
import sys
import threading
import time

import pytest
from pyrate_limiter import Rate, RateItem

from pipeline.errors import FileAccessError, UsageError
from pipeline.store.rates import rate_bucket
from tests.unit.store.shared.servers import RedisServer
from tests.unit.store.stores import finished

REQUESTS, WINDOW_S, CALLS = 4, 0.2, 6
PASSWORD = "s3cret-of-the-server"

# Takes its turns like a run's workers do, with the real clock. Starts when its parent says so, all at the same time.
CHILD = f"""
import sys
from pipeline.engine.clock import StopSignal, SystemClock
from pipeline.engine.limits import ServiceLimits
from pipeline.store.rates import rate_bucket
backend, url = sys.argv[1:]
clock = SystemClock()
bucket = rate_bucket("fake", {REQUESTS}, backend=backend, url=url, monotonic=clock.monotonic, window_s={WINDOW_S})
limits = ServiceLimits(delay_s=0, parallel=None, bucket=bucket, clock=clock)
bucket.leak = lambda _now: 0  # the test reads the whole log
print("ready", flush=True)
sys.stdin.readline()
for _ in range({CALLS}):
    with limits.turn(StopSignal()):
        pass
bucket.close()
"""


def bucket_of(backend, url="", *, requests=REQUESTS, service="fake", monotonic=time.monotonic, window_s=60.0):
    return rate_bucket(service, requests, backend=backend, url=str(url), monotonic=monotonic, window_s=window_s)


def ask(bucket):
    return bucket.put_decision(RateItem("call", bucket.now()))


def asked(bucket, times):
    return [ask(bucket).allowed for _ in range(times)]


def two_processes(program, backend, url):
    """Both take all their turns at the same time."""
    children = [program(CHILD, backend, url) for _ in range(2)]
    assert [child.stdout.readline() for child in children] == ["ready\n"] * 2
    for child in children:
        child.stdin.write("go\n")
        child.stdin.flush()
    for child in children:
        finished(child)


def assert_the_rate_held(stamps_ms):
    assert len(stamps_ms) == 2 * CALLS
    stamps_ms = sorted(stamps_ms)
    windows = [later - earlier for earlier, later in zip(stamps_ms, stamps_ms[REQUESTS:], strict=False)]
    assert min(windows) >= WINDOW_S * 1000


def threads_now():
    return {thread.name for thread in threading.enumerate()}


@pytest.fixture(params=["memory", "sqlite", "redis"])
def shared(request, tmp_path):
    """A backend and where it counts."""
    if request.param == "redis":
        return "redis", request.getfixturevalue("redis_server")
    return request.param, tmp_path / "folder" / "rates.sqlite"


@pytest.fixture(scope="module")
def redis_server(tmp_path_factory):
    """The address of a Redis server of this test's own."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("redis-server is not on PATH")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--requirepass", PASSWORD]
    folder = tmp_path_factory.mktemp("redis")
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as server:
        for line in server.stdout:
            if "eady to accept connections" in line:
                break
        yield f"redis://:{PASSWORD}@127.0.0.1:{port}/0"
        server.kill()
        server.stdout.read()


@pytest.fixture
def redis_client(redis_server):
    redis = pytest.importorskip("redis")
    with redis.Redis.from_url(redis_server) as client:
        client.flushall()
        yield client


def test_as_many_are_admitted_as_allowed_and_the_wait_is_told(shared):
    with bucket_of(*shared, service="own") as bucket:
        assert asked(bucket, REQUESTS) == [True] * REQUESTS
        refusal = ask(bucket)
    assert not refusal.allowed
    assert 55_000 < refusal.retry_after_ms <= 60_001


def test_there_is_room_again_after_the_wait_that_was_told_and_what_is_over_is_dropped(shared):
    with bucket_of(*shared, service="brief", window_s=0.05) as bucket:
        for _ in range(3):
            while (refusal := ask(bucket)).allowed:
                pass
            threading.Event().wait(refusal.retry_after_ms / 1000)
            assert ask(bucket).allowed
        assert bucket.count() <= REQUESTS


def test_services_are_counted_apart_whatever_they_are_called(shared):
    for service in ("replicate", 'it\'s; DROP TABLE "x" --', "名前"):
        with bucket_of(*shared, service=service) as bucket:
            assert asked(bucket, REQUESTS + 1) == [True] * REQUESTS + [False]


def test_counting_starts_no_thread(shared):
    before = threads_now()
    with bucket_of(*shared, service="threads") as bucket:
        asked(bucket, 2)
        assert threads_now() == before


def test_memory_counts_by_the_runs_own_clock():
    now = [1000.0]
    bucket = bucket_of("memory", requests=1, monotonic=lambda: now[0])
    assert asked(bucket, 2) == [True, False]
    now[0] += 60.001
    assert asked(bucket, 2) == [True, False]
    assert bucket.count() == 1


def test_two_processes_with_one_file_keep_the_rate_together(program, tmp_path):
    file = tmp_path / "rates.sqlite"
    two_processes(program, "sqlite", file)
    connection = sqlite3.connect(file)
    (table,) = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchone()
    stamps = [stamp for (stamp,) in connection.execute(f"SELECT item_timestamp FROM {table}")]  # noqa: S608
    connection.close()
    assert_the_rate_held(stamps)
    assert [path.name for path in tmp_path.iterdir()] == ["rates.sqlite"]


def test_a_file_outlives_the_run_and_still_counts(tmp_path):
    with bucket_of("sqlite", tmp_path / "rates.sqlite") as bucket:
        asked(bucket, REQUESTS)
    with bucket_of("sqlite", tmp_path / "rates.sqlite") as bucket:
        assert asked(bucket, 1) == [False]


def test_what_waited_for_the_file_is_counted_from_when_it_got_it(tmp_path):
    with bucket_of("sqlite", tmp_path / "rates.sqlite") as bucket:
        assert bucket.put(RateItem("call", 5))
        assert bucket.peek(0).timestamp == pytest.approx(time.time() * 1000, abs=10_000)


@pytest.mark.parametrize("spoil", ["folder", "not a database", "under a file"])
def test_a_file_that_cannot_be_used_is_named_with_its_setting(tmp_path, spoil):
    file = tmp_path / "rates.sqlite"
    if spoil == "folder":
        file.mkdir()
    else:
        file.write_bytes(b"no database at all, but long enough to be taken for one" * 20)
    path = file / "rates.sqlite" if spoil == "under a file" else file
    with pytest.raises(FileAccessError) as caught:
        bucket_of("sqlite", path)
    assert str(caught.value).startswith(f"limits.url: {path}: ")
    assert "\n" not in str(caught.value)


def test_a_file_that_is_spoiled_in_the_middle_of_a_run_is_the_same_error(tmp_path):
    file = tmp_path / "rates.sqlite"
    with bucket_of("sqlite", file) as bucket:
        bucket.conn.execute(f"DROP TABLE {bucket.table}")
        with pytest.raises(FileAccessError, match=r"limits\.url.*no such table"):
            ask(bucket)


@pytest.mark.parametrize("backend", ["sqlite", "redis"])
def test_a_shared_backend_without_its_place_is_a_usage_error(backend):
    with pytest.raises(UsageError, match=rf"limits\.url: limits\.backend {backend} needs"):
        bucket_of(backend)


def test_a_redis_without_its_client_names_the_extra(monkeypatch):
    monkeypatch.delitem(sys.modules, "pipeline.store.redis_rates", raising=False)
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(UsageError, match=r"limits\.backend.*deck-illustrator\[redis\]"):
        bucket_of("redis", "redis://localhost")


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("localhost:6379", "not an address"),
        (f"redis://:{PASSWORD}/x@127.0.0.1:1/0", "not an address"),
        (f"redis://:{PASSWORD}@127.0.0.1:1/0", "ConnectionError"),
    ],
)
def test_a_redis_that_is_not_there_is_said_without_its_password(url, problem):
    pytest.importorskip("redis")
    with pytest.raises(UsageError, match=rf"limits\.url.*{problem}") as caught:
        bucket_of("redis", url)
    assert PASSWORD not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_redis_with_another_password_is_said_without_either(redis_server):
    with pytest.raises(UsageError, match=r"limits\.url.*AuthenticationError") as caught:
        bucket_of("redis", redis_server.replace(PASSWORD, "another"))
    assert "another" not in str(caught.value)
    assert PASSWORD not in str(caught.value)


def test_two_processes_with_one_redis_keep_the_rate_together(program, redis_server, redis_client):
    with redis_client.monitor() as monitor:
        two_processes(program, "redis", redis_server)
        redis_client.echo("that was all")
        stamps = []
        while "that was all" not in (command := monitor.next_command()["command"]):
            words = command.split()
            if words[0].upper() == "ZADD":
                stamps.append(int(words[2]))
    assert_the_rate_held(stamps)


@pytest.mark.parametrize("ahead_s", [-3600, 3600])
def test_machines_that_disagree_about_the_time_keep_the_rate_together(redis_server, redis_client, ahead_s):
    other = bucket_of("redis", redis_server)
    with other, bucket_of("redis", redis_server) as bucket:
        true_now = other.now
        other.now = lambda: true_now() + ahead_s * 1000
        assert asked(other, 2) + asked(bucket, 2) == [True] * 4
        for refusal in (ask(other), ask(bucket)):
            assert not refusal.allowed
            assert 55_000 < refusal.retry_after_ms <= 60_001


def test_a_redis_started_anew_is_taught_the_script_again(redis_server, redis_client):
    with bucket_of("redis", redis_server) as bucket:
        redis_client.script_flush()
        assert asked(bucket, 1) == [True]


def test_nothing_stays_in_a_redis_that_is_no_longer_asked(redis_server, redis_client):
    with bucket_of("redis", redis_server) as bucket:
        asked(bucket, 1)
        (key,) = redis_client.keys()
    assert key == b"deck-illustrator:rate:fake"
    assert 60_000 < redis_client.pttl(key) <= 61_000


def test_a_redis_that_fails_in_the_middle_of_a_run_is_the_same_error(redis_server, redis_client):
    with bucket_of("redis", redis_server) as bucket:
        redis_client.set("deck-illustrator:rate:fake", "not a sorted set")
        with pytest.raises(UsageError, match=r"limits\.url.*ResponseError"):
            ask(bucket)


def test_a_redis_that_is_away_for_a_while_admits_nothing_meanwhile(tmp_path):
    pytest.importorskip("redis")
    redis_rates = importlib.import_module("pipeline.store.redis_rates")
    now = [0.0]
    with RedisServer(tmp_path / "redis") as server:
        rates = [Rate(REQUESTS, 60_000)]
        with redis_rates.redis_bucket(rates, server.url, "fake", monotonic=lambda: now[0], patience_s=10) as bucket:
            assert ask(bucket).allowed
            server.kill()
            for now[0] in (100.0, 109.0):
                refusal = ask(bucket)
                assert not refusal.allowed
                assert 200 < refusal.retry_after_ms <= 250
            server.start()
            assert ask(bucket).allowed
            server.kill()
            assert not ask(bucket).allowed
            now[0] += 10
            with pytest.raises(UsageError, match=r"limits\.url.*ConnectionError"):
                ask(bucket)
