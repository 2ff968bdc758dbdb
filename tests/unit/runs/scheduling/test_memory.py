"""What is remembered of jobs outlives the process, and no two processes run a job at the same time."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.errors import FileAccessError
from pipeline.runs.scheduling.memory import Memory
from tests.unit.runs.scheduling.jobs import job

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)

CHILD = """
import sys
from pathlib import Path
from pipeline.runs.scheduling.memory import Memory
from tests.unit.runs.scheduling.jobs import job
with Memory(Path(sys.argv[1])).alone_with(job(target="/out")):
    print("held", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "data"


def test_a_job_is_new_once_and_then_remembered_by_every_process(folder):
    assert Memory(folder).dealt_with_until(job(), NOON) == NOON
    assert Memory(folder).dealt_with_until(job(), NOON + HOUR) == NOON
    Memory(folder).note(job(), NOON + HOUR)
    assert Memory(folder).dealt_with_until(job(), NOON + 9 * HOUR) == NOON + HOUR


@pytest.mark.parametrize("changed", [{"cron": "0 3 * * *"}, {"timezone": "Europe/Berlin"}])
def test_a_job_whose_time_was_changed_has_missed_nothing(folder, changed):
    memory = Memory(folder)
    memory.note(job(), NOON)
    assert memory.dealt_with_until(job(**changed), NOON + HOUR) == NOON + HOUR
    assert memory.dealt_with_until(job(**changed), NOON + 2 * HOUR) == NOON + HOUR


def test_jobs_are_told_apart_by_name_and_target_and_each_is_kept(folder):
    memory = Memory(folder)
    memory.note(job(), NOON)
    memory.note(job("weekly"), NOON + HOUR)
    memory.note(job(target="elsewhere"), NOON + 2 * HOUR)
    found = [memory.dealt_with_until(one, NOON + 9 * HOUR) for one in (job(), job("weekly"), job(target="elsewhere"))]
    assert found == [NOON, NOON + HOUR, NOON + 2 * HOUR]
    assert [path.name for path in folder.iterdir() if path.suffix == ".tmp"] == []


def test_what_a_later_version_wrote_is_kept(folder):
    memory = Memory(folder)
    memory.note(job(), NOON)
    path = folder / "schedule.json"
    held = json.loads(path.read_text())
    (known,) = held.values()
    known["decks"] = 12
    path.write_text(json.dumps(held))
    memory.note(job("weekly"), NOON)
    assert known in json.loads(path.read_text()).values()


def test_a_job_is_the_same_wherever_the_program_is_started(folder, tmp_path):
    Memory(folder).note(job(target="out"), NOON)
    assert Memory(folder).dealt_with_until(job(target=str(tmp_path / "out")), NOON + HOUR) == NOON


def test_a_damaged_file_is_told_with_what_to_do(folder):
    folder.mkdir()
    (folder / "schedule.json").write_text('{"nightly -> out": {"cron"')
    with pytest.raises(FileAccessError, match=r"schedule\.json: damaged; remove it"):
        Memory(folder).dealt_with_until(job(), NOON)


def test_a_folder_that_cannot_be_made_is_told(folder):
    folder.write_text("a file")
    with pytest.raises(FileAccessError, match="data"):
        Memory(folder).note(job(), NOON)
    with pytest.raises(FileAccessError, match="data"), Memory(folder).alone_with(job()):
        pytest.fail("entered")


def test_a_job_another_process_is_at_is_refused_and_others_are_not(folder):
    root = Path(__file__).parents[4]
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(folder)], cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    memory = Memory(folder)
    try:
        assert child.stdout.readline() == "held\n"
        with (
            pytest.raises(FileAccessError, match="'nightly': another process is at it"),
            memory.alone_with(job(target="/out")),
        ):
            pytest.fail("entered")
        with memory.alone_with(job("weekly", target="/out")):
            pass
    finally:
        child.communicate("go\n")
    with memory.alone_with(job(target="/out")):
        pass
