"""The jobs of a schedule in a config file: where their paths lead, what is told of a mistake, what they run with."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.config.loader import for_job, load_configuration
from pipeline.errors import UsageError

JOB = """\
schedule:
  - name: nightly
    cron: "0 2 * * mon-fri"
    source: decks
    target: out
"""


@pytest.fixture
def load(tmp_path):
    def load_config(text):
        path = tmp_path / "conf" / "illustrate.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return load_configuration(path, environ={})

    return load_config


@pytest.fixture
def problems(load, tmp_path):
    """What is told of a config, each problem without its file."""

    def told_of(text):
        with pytest.raises(UsageError) as caught:
            load(text)
        assert "\n" not in str(caught.value)
        return str(caught.value).replace(f"{tmp_path / 'conf' / 'illustrate.yaml'} ", "")

    return told_of


def test_paths_of_a_job_stand_beside_the_file(load, tmp_path):
    here = tmp_path / "conf"
    settings = "    settings:\n      prompts: {folder: mine}\n      store.folder: kept\n"
    (job,) = load(JOB + settings).settings.schedule
    assert (job.source, job.target) == (str(here / "decks"), str(here / "out"))
    assert job.settings == {"prompts.folder": str(here / "mine"), "store.folder": str(here / "kept")}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("/data/decks", "/data/decks"),
        ("'*.pptx'", "{here}/*.pptx"),
        ("'@list.txt'", "@{here}/list.txt"),
        ("'@/data/list.txt'", "@/data/list.txt"),
        ("s3://bucket/decks", "s3://bucket/decks"),
    ],
)
def test_a_source_is_a_path_a_pattern_a_list_or_a_url(load, tmp_path, written, meant):
    (job,) = load(JOB.replace("source: decks", f"source: {written}")).settings.schedule
    assert job.source == meant.replace("{here}", str(tmp_path / "conf"))


def test_every_problem_is_told_with_its_own_line(problems):
    told = problems(
        JOB.replace("0 2", "0 25")
        + "    timezone: Europe/Berlln\n"
        + "    recursve: true\n"
        + "  - name: second\n"
        + "    cron: '@daily'\n"
        + "    source: '-'\n"
    )
    assert "line 3: schedule.0.cron: no cron expression (bad hour)" in told
    assert "line 6: schedule.0.timezone: no time zone, did you mean Europe/Berlin?" in told
    assert "line 7: schedule.0.recursve: unknown setting, did you mean recursive?" in told
    assert "line 9: schedule.1.cron: no cron expression" in told
    assert "line 10: schedule.1.source: a job has no standard input" in told
    assert "line 8: schedule.1.target: Field required" in told


def test_what_a_job_would_run_with_is_checked_when_the_file_is_read(problems):
    told = problems(
        JOB
        + "    settings:\n"
        + "      stile: photo\n"
        + "      workers:\n"
        + "        image_workers: 0\n"
        + "      gate.min_success_rate: 3\n"
        + "      services: {catalog: mine}\n"
        + "  - {name: nightly, cron: '0 3 * * *', source: a, target: b}\n"
    )
    assert "line 7: schedule.0.settings: stile: unknown setting, did you mean style?" in told
    assert "line 9: schedule.0.settings: workers.image_workers: " in told
    assert "line 10: schedule.0.settings: gate.min_success_rate: " in told
    assert "line 11: schedule.0.settings: services.catalog: no job has its own" in told
    assert "line 12: schedule.1.name: another job is called 'nightly' too" in told


@pytest.mark.parametrize(
    "text",
    [
        "schedule: nightly",
        "schedule: {name: nightly}",
        "schedule: [nightly]",
        "schedule: [[1]]",
        "schedule: [{1: 2}]",
        "schedule: [&job {settings: *job}]",
        JOB + "    settings: [1]\n",
        JOB + "    settings: {workers: 3}\n",
        JOB + '    include: ""\n',
        JOB.replace("decks", '""'),
        JOB.replace("decks", '"a\\0b"'),
        JOB.replace("decks", "7"),
    ],
)
def test_what_is_no_schedule_is_refused_in_one_line(problems, text):
    assert "line " in problems(text) or "not valid YAML" in problems(text)


def test_a_jobs_settings_win_over_all_others(load):
    config = load("style: photo\nworkers: {image_workers: 3}\n" + JOB + "    settings: {style: flat, project: night}\n")
    (job,) = config.settings.schedule
    found = for_job(config, job)
    assert (found.settings.style, found.settings.project, found.settings.workers.image_workers) == ("flat", "night", 3)
    assert (config.settings.style, config.settings.project) == ("photo", None)
    assert (found.credentials, found.data) == (config.credentials, config.data)


def test_a_problem_inside_any_list_is_told_with_its_own_line(problems):
    assert "line 4: images.chain.1: " in problems("images:\n  chain:\n    - openai\n    - ''\n")


def test_the_scheduler_is_not_loaded_by_programs_that_keep_no_schedule():
    program = "import sys, pipeline.cli; sys.exit('apscheduler' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).parents[3], check=False).returncode == 0
