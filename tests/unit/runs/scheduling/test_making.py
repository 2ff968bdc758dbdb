"""A job's decks are found and placed as it says; what cannot be meant is told before anything is made."""

from __future__ import annotations

import pytest

from pipeline.config.loader import configuration_of
from pipeline.config.settings import Settings
from pipeline.errors import FileAccessError, UsageError
from pipeline.outcomes import RunStatus
from pipeline.runs.collection.crowd import Crowd
from pipeline.runs.scheduling.making import job_named, jobs_of, make_decks
from tests.unit.runs.scheduling.jobs import job


def test_jobs_are_found_by_name():
    configuration = configuration_of(Settings(schedule=(job(), job("weekly"))))
    assert job_named("weekly", configuration).name == "weekly"
    with pytest.raises(UsageError, match="no job is called 'daily'; there are: nightly, weekly"):
        job_named("daily", configuration)


def test_no_schedule_is_told():
    with pytest.raises(UsageError, match="there are no jobs"):
        jobs_of(configuration_of(Settings()))


@pytest.mark.parametrize("place", ["source", "target"])
def test_a_url_is_for_the_fleet(place):
    with pytest.raises(UsageError, match="s3://bucket/decks: is on no disk of this machine"):
        make_decks(job(**{place: "s3://bucket/decks"}), configuration_of(Settings()), Crowd())


def test_a_source_that_is_not_there_is_told_before_anything_is_made(tmp_path):
    with pytest.raises(FileAccessError, match="job 'nightly': decks: is not there; check the path, or whether"):
        make_decks(job(), configuration_of(Settings()), Crowd())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("source", ["*.pptx", "@list.txt"])
def test_a_pattern_or_a_list_without_anything_is_a_failure_of_its_own(source):
    report = make_decks(job(source=source), configuration_of(Settings()), Crowd())
    assert [deck.status for deck in report.decks] == [RunStatus.FAILED]


def test_what_a_job_made_is_not_found_again_where_its_target_stands_in_its_source(tmp_path):
    for name in ("decks/a.pptx", "decks/out/a.pptx"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"no deck")
    report = make_decks(job(target="decks/out", recursive=True), configuration_of(Settings()), Crowd())
    assert [deck.input for deck in report.decks] == ["decks/a.pptx"]
