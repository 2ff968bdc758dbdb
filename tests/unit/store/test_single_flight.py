"""One at a time, over threads and processes, and nothing is left behind."""

from __future__ import annotations

import stat
import threading
import time

import pytest

from pipeline.errors import FileAccessError
from pipeline.store.single_flight import Locks
from tests.unit.store.stores import finished

WORKERS, ROUNDS = 8, 25

# Two threads that hold one request at once would both read the same number.
COUNTING = """
from concurrent.futures import ThreadPoolExecutor
counted = folder.parent / "counted"
def count(_):
    with store.alone_with(picture(), time.sleep):
        number = int(counted.read_text())
        time.sleep(0)
        counted.write_text(str(number + 1))
print("ready", flush=True)
sys.stdin.readline()
with ThreadPoolExecutor(4) as pool:
    list(pool.map(count, range(20)))
"""
HOLDING = """
with store.alone_with(picture(), time.sleep):
    print("held", flush=True)
    sys.stdin.readline()
"""


class ImpatientError(Exception):
    pass


def refuse(_seconds):
    raise ImpatientError


@pytest.fixture
def locks(tmp_path):
    return Locks(tmp_path / "locks", "store.folder")


def left(tmp_path):
    return list((tmp_path / "locks").iterdir())


def test_the_folder_is_made_with_the_first_lock_and_is_private(tmp_path, locks):
    assert not list(tmp_path.iterdir())
    with locks.alone("a", refuse):
        assert stat.S_IMODE((tmp_path / "locks").stat().st_mode) == 0o700
        assert [stat.S_IMODE(path.stat().st_mode) for path in left(tmp_path)] == [0o600]
    assert not left(tmp_path)


def test_another_name_is_free_the_same_is_not(locks):
    with locks.alone("a", refuse), locks.alone("b", refuse), pytest.raises(ImpatientError), locks.alone("a", refuse):
        pass
    with locks.alone("a", refuse):
        pass


def test_an_exception_lets_go(tmp_path, locks):
    with pytest.raises(ImpatientError), locks.alone("a", refuse):
        raise ImpatientError
    assert not left(tmp_path)
    with locks.alone("a", refuse):
        pass


def test_looks_become_rarer_and_go_on_until_it_is_free(locks):
    waits = []

    def wait(seconds):
        waits.append(seconds)
        if len(waits) == 7:
            holder.__exit__(None, None, None)

    holder = locks.alone("a", refuse)
    holder.__enter__()
    with locks.alone("a", wait):
        pass
    assert waits == [0.01, 0.02, 0.04, 0.08, 0.16, 0.2, 0.2]


def test_only_where_it_is_free(locks):
    with locks.if_free("a") as first, locks.if_free("a") as second:
        assert (first, second) == (True, False)
    with locks.if_free("a") as third:
        assert third


def test_who_is_not_let_in_in_time_is_told(locks):
    with (
        locks.alone("a", refuse),
        pytest.raises(FileAccessError, match="another process holds it"),
        locks.shortly("a", 0.01),
    ):
        pass
    with locks.shortly("a", 0.01):
        pass


def test_many_threads_are_never_two(tmp_path, locks):
    inside, most, done = [], [], []

    def work():
        for _ in range(ROUNDS):
            with locks.alone("a", lambda _: time.sleep(0.0005)):
                inside.append(1)
                most.append(len(inside))
                inside.pop()
            done.append(1)

    threads = [threading.Thread(target=work) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == WORKERS * ROUNDS
    assert max(most) == 1
    assert not left(tmp_path)


def test_processes_with_threads_are_never_two(store_program, tmp_path):
    (tmp_path / "counted").write_text("0")
    processes = [store_program(COUNTING, tmp_path / "store") for _ in range(2)]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    for process in processes:
        finished(process)
    assert (tmp_path / "counted").read_text() == "40"
    assert not list((tmp_path / "store" / "locks").iterdir())


def test_a_killed_holder_holds_nothing_and_its_file_is_tidied_up(store_program, tmp_path):
    process = store_program(HOLDING, tmp_path)
    assert process.stdout.readline() == "held\n"
    locks = Locks(tmp_path / "locks", "store.folder")
    (file,) = left(tmp_path)
    locks.tidy()
    assert left(tmp_path) == [file]  # held
    process.kill()
    process.communicate()
    assert left(tmp_path) == [file]
    with locks.alone(file.stem, refuse):
        pass
    assert not left(tmp_path)
    file.touch()
    locks.tidy()
    assert not left(tmp_path)


def test_where_there_is_no_folder_nothing_is_tidied(tmp_path, locks):
    locks.tidy()
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    locks = Locks(tmp_path / "file" / "locks", "store.folder")
    with pytest.raises(FileAccessError, match=r"file/locks: cannot be made .* store\.folder"), locks.alone("a", refuse):
        pass


def test_a_file_system_without_locks_is_told_and_nobody_is_let_in(locks, monkeypatch):
    def fail(*_):
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr("fcntl.flock", fail)
    told = pytest.raises(FileAccessError, match=r"cannot be locked \(Function not implemented\)")
    with told, locks.alone("a", refuse):
        pass
