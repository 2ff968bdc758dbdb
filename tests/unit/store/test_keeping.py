"""The store under what happens at night: kills, full disks, and several processes that want the same."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from datetime import timedelta

import pytest

from pipeline.errors import FileAccessError
from pipeline.store.inventory import take_inventory
from pipeline.store.shelf import StoreFolders
from pipeline.store.upkeep import prune
from tests.unit.store.stores import ANSWER, NOW, files_in, finished, image, picture, question, store_in

# Forks children that keep one thing after the other, each kills after a time of its own, and sees whether what the
# child said it had kept is there. Every second picture has the same content as all such, the others mostly their own.
KILLED = """
import random, signal
rng = random.Random(5)
def data(number): return bytes([number % 2 * number % 251]) * 60_000
for child in range(15):
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        for number in range(child * 1000, child * 1000 + 1000):
            with store.alone_with(picture(number), time.sleep):
                store.keep_receipt(picture(number).key, b"{}")
                store.keep_picture(picture(number), image(data(number)))
                os.write(writing, b"p%d\\n" % number)
                store.keep_answer(question(number), ANSWER)
                os.write(writing, b"a%d\\n" % number)
                store.drop_receipt(picture(number).key)
        os._exit(1)
    os.close(writing)
    first = os.read(reading, 1).decode()
    time.sleep(rng.uniform(0.0, 0.015))
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    with os.fdopen(reading) as said:
        lines = (first + said.read()).split("\\n")[:-1]
    for line in lines:
        number = int(line[1:])
        if line[0] == "p":
            kept = store.find_picture(picture(number))
            assert kept is not None and kept.data == data(number), line
        else:
            assert store.find_answer(question(number)) == ANSWER, line
    store.sweep(owner)  # the dead child's, too: it is its parent's
    print(len(lines))
"""
# Asks for the same three pictures as every other process does, in threads, and makes what is not there.
WANTING = """
from concurrent.futures import ThreadPoolExecutor
def want(number):
    with store.alone_with(picture(number), time.sleep):
        if store.find_picture(picture(number)) is None:
            with (folder / "made").open("a") as made:
                made.write(f"{number}\\n")
            store.keep_picture(picture(number), image(b"%d" % number))
    return store.find_picture(picture(number)).data == b"%d" % number
print("ready", flush=True)
sys.stdin.readline()
with ThreadPoolExecutor(6) as pool:
    assert all(pool.map(want, [number % 3 for number in range(12)]))
"""
# What the system lets no process write: files beyond a size.
LIMITED = """
import resource
store.keep_picture(picture(1), image(b"small"))
resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
for keep in (
    lambda: store.keep_picture(picture(2), image(bytes(60_000))),
    lambda: store.keep_receipt(picture(2).key, bytes(60_000)),
):
    try:
        keep()
    except FileAccessError as error:
        print(error)
"""


def test_what_was_kept_survives_kills_at_any_moment(store_program, tmp_path):
    counts = [int(line) for line in finished(store_program(KILLED, tmp_path / "store"))]
    assert len(counts) == 15
    assert min(counts) >= 1
    assert not [name for name in files_in(tmp_path) if name.endswith((".tmp", ".lock"))]
    prune(tmp_path / "store", older_than=None, max_size=None, now=NOW - timedelta(days=999))
    assert all(item.is_whole for item in take_inventory(StoreFolders(tmp_path / "store")).items)


def test_processes_that_want_the_same_make_it_once(store_program, tmp_path):
    processes = [store_program(WANTING, tmp_path) for _ in range(2)]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    for process in processes:
        finished(process)
    assert sorted((tmp_path / "made").read_text().split()) == ["0", "1", "2"]
    assert not list((tmp_path / "locks").iterdir())


def test_a_limit_to_what_may_be_written_is_told_and_leaves_nothing(store_program, tmp_path):
    lines = finished(store_program(LIMITED, tmp_path))
    assert len(lines) == 2
    assert all("cannot be written (File too large); " in line for line in lines)
    assert len(files_in(tmp_path)) == 2
    assert store_in(tmp_path).find_picture(picture(1)).data == b"small"


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 256 KB of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount, umount = shutil.which("mount"), shutil.which("umount")
    if mount is None or umount is None or sys.platform != "linux":
        pytest.skip("there is no tmpfs here")
    command = [mount, "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a file system")
    yield folder
    subprocess.run([umount, str(folder)], check=True)


def fill(keep):
    """Call `keep` with 0, 1, 2, … until it raises; how often it did not, and what it raised."""
    for number in range(100):
        try:
            keep(number)
        except FileAccessError as error:
            return number, str(error)
    pytest.fail("the disk never became full")


def test_a_full_disk_is_told_loses_nothing_and_can_be_pruned(small_disk):
    store = store_in(small_disk / "store")
    kept, complaint = fill(lambda number: store.keep_picture(picture(number), image(os.urandom(20_000))))
    assert "No space left on device); free space there, or set store.folder to another" in complaint
    assert 5 < kept < 13
    _, complaint = fill(lambda number: store.keep_answer(question(number), ANSWER))
    assert "No space left" in complaint
    with pytest.raises(FileAccessError, match="No space left"):
        store.keep_receipt(picture(kept).key, bytes(20_000))
    assert all(store.find_picture(picture(number)) for number in range(kept))
    assert store.find_picture(picture(kept)) is None
    assert not [name for name in files_in(small_disk) if name.endswith((".tmp", ".lock"))]
    assert len(files_in(small_disk / "store" / "pictures")) == 2 * kept  # with their records
    prune(small_disk / "store", older_than=None, max_size=100_000, now=NOW)
    store.keep_picture(picture(kept), image())
    assert store.find_picture(picture(kept)) is not None


def test_a_dead_runs_temporaries_are_swept_and_no_other_runs(tmp_path):
    store = store_in(tmp_path, owner="run-2")
    store.keep_picture(picture(), image())
    folders = ("", "pictures", "answers", "receipts")
    for folder in folders:
        (tmp_path / folder).mkdir(exist_ok=True)
        for owner in ("run-1", "run-11", "run-2"):
            (tmp_path / folder / f".0123.{owner}.tmp").write_bytes(b"half")
    (tmp_path / "locks" / "left.lock").touch()
    before = set(files_in(tmp_path))
    store.sweep("run-1")
    gone = {os.path.join(folder, ".0123.run-1.tmp") for folder in folders} | {"locks/left.lock"}  # noqa: PTH118
    assert before - set(files_in(tmp_path)) == gone
    assert store.find_picture(picture()) is not None


def test_a_store_below_a_file_is_told_whatever_is_wanted(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    store = store_in(tmp_path / "file" / "store")
    for deed in (
        lambda: store.find_picture(picture()),
        lambda: store.keep_picture(picture(), image()),
        lambda: store.discard_picture(picture()),
        lambda: store.find_answer(question()),
        lambda: store.keep_answer(question(), ANSWER),
        lambda: store.discard_answer(question()),
        lambda: store.find_receipt("a"),
        lambda: store.keep_receipt("a", b""),
        lambda: store.drop_receipt("a"),
        lambda: store.sweep("run-0"),
        lambda: store.alone_with(picture(), pytest.fail).__enter__(),
    ):
        with pytest.raises(FileAccessError, match=r"^\S+file/store\S*: cannot be \w+ \(.+\); .+ set store\.folder"):
            deed()


def test_a_disk_without_room_for_the_next_picture_is_told_before_it_is_asked_for(small_disk, tmp_path):
    with pytest.raises(FileAccessError, match=r"a/store: no room .* \(0 MB left .* free space there.*store\.folder"):
        store_in(small_disk / "a" / "store").room_for_call().__enter__()
    with store_in(tmp_path / "store").room_for_call():
        pass
    assert not list(small_disk.iterdir())
    assert not (tmp_path / "store").exists()


def test_what_other_calls_are_about_to_bring_takes_room_too(tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage._replace(free=40 << 20))  # room for two pictures
    store = store_in(tmp_path / "store")
    with store.room_for_call(), store.room_for_call(), pytest.raises(FileAccessError, match="no room"):
        store.room_for_call().__enter__()
    with store.room_for_call():
        pass
