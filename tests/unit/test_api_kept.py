"""What outlives runs, from Python: the history looked at, written and cleaned up; the store cleaned up."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pipeline import (
    AttemptRecord,
    AttemptState,
    PipelineError,
    RunFilter,
    RunRecord,
    RunState,
    Settings,
    open_history,
    prune_cache,
)
from pipeline.records import CallKind, GeneratedImage, Request
from pipeline.store.keeping import Store

NOW = datetime.now(UTC)
REQUEST = Request(kind=CallKind.IMAGE, service="openai", model="gpt-image-2", prompt="A red kite")


@pytest.fixture
def settings(tmp_path):
    return Settings.model_validate(
        {"history": {"url": str(tmp_path / "mine.sqlite")}, "store": {"folder": tmp_path / "store"}}
    )


def attempt_of(run: RunRecord) -> AttemptRecord:
    return AttemptRecord(
        id=0,
        run_id=run.id,
        slide_number=None,
        kind=REQUEST.kind,
        service=REQUEST.service,
        model=REQUEST.model,
        request_key=REQUEST.key,
        prompt=REQUEST.prompt,
        state=AttemptState.SUCCESS,
        cost_usd=0.05,
        created=run.created,
        finished=run.created,
    )


def test_one_is_had_and_those_of_a_run_and_saved_and_cleaned_up(settings, tmp_path):
    run = RunRecord(id="20250101-000000-ab12", state=RunState.PENDING, created=NOW - timedelta(days=200))
    with closing(open_history(settings)) as history:
        history.begin_run(run)
        number = history.save(attempt_of(run))
        history.end_run(replace(run, state=RunState.SUCCESS, finished=run.created), ())
    assert (tmp_path / "mine.sqlite").exists()
    with closing(open_history(settings)) as history:
        found = history.attempt(number)
        assert found == replace(attempt_of(run), id=number)
        assert history.attempts(run.id) == [found]
        history.save(replace(found, cost_usd=0.07))
        assert [one.cost_usd for one in history.runs(RunFilter(service="openai"))] == [0.07]
        assert history.prune(timedelta(days=90)) == 1
        assert (history.run(run.id), history.attempt(number)) == (None, None)


def test_without_settings_it_is_that_of_the_command_line(monkeypatch, tmp_path):
    monkeypatch.setenv("DECK_ILLUSTRATOR_HISTORY__URL", str(tmp_path / "found.sqlite"))
    with closing(open_history()) as history:
        assert history.runs() == []
        assert not (tmp_path / "found.sqlite").exists(), "looking makes nothing"
        history.begin_run(RunRecord(id="r", state=RunState.PENDING, created=NOW))
    assert (tmp_path / "found.sqlite").exists()


def test_the_store_is_cleaned_up(settings, tmp_path):
    store = Store(tmp_path / "store", owner="x", now=lambda: NOW - timedelta(days=40))
    store.keep_picture(REQUEST, GeneratedImage(data=b"\x89PNG", provider="openai", model="gpt-image-2", cost_usd=0.1))
    assert prune_cache("50d", settings=settings).entries == 0
    assert prune_cache(older_than="30d", max_size="5GB", settings=settings).entries == 1


@pytest.mark.parametrize("wrong", [{"older_than": "7 days"}, {"max_size": "lots"}, {}])
def test_what_cannot_be_meant_is_refused(settings, wrong):
    with pytest.raises(PipelineError, match=r"write an age|write a size|say what may go"):
        prune_cache(**wrong, settings=settings)
