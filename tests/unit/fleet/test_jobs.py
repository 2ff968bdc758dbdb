"""The book of jobs: what is in which state, what is never changed again, what is given up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.errors import UsageError
from pipeline.fleet.job_records import DeadLetter, DeckState, Job
from pipeline.fleet.jobs import JobBook

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
JOB = Job(id="job-1", created=NOW, count=3, values={"style": "flat"})
DECKS = [(f"s3://in/{number}.pptx", f"s3://out/{number}.pptx") for number in (1, 2, 3)]


class Hands:
    """A clock's hands that the test moves."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def hands():
    return Hands()


@pytest.fixture
def book(client, hands):
    book = JobBook(client, hands)
    book.open_job(JOB, DECKS)
    return book


def test_a_job_is_found_as_it_was_handed_in(book):
    assert book.job("job-1") == JOB
    assert [(row.source, row.target) for row in book.decks(JOB)] == DECKS
    assert book.counts("job-1")[DeckState.PENDING] == 3
    assert book.latest(5) == ["job-1"]


def test_what_there_is_not_is_told_by_its_id(book):
    with pytest.raises(UsageError, match="job-2"):
        book.job("job-2")
    with pytest.raises(UsageError, match="no deck 4"):
        book.deck("job-1", 4)


def test_states_follow_one_another_and_are_counted(book):
    assert book.begin("job-1", 1)
    assert book.end("job-1", 1, DeckState.COMPLETED, exit_code=0, cost_usd=0.5)
    assert book.end("job-1", 2, DeckState.FAILED, exit_code=8, message="why")
    counts = book.counts("job-1")
    assert (counts[DeckState.COMPLETED], counts[DeckState.FAILED], counts[DeckState.PENDING]) == (1, 1, 1)
    assert not book.is_over("job-1")
    book.end("job-1", 3, DeckState.PARTIAL)
    assert book.is_over("job-1")


@pytest.mark.parametrize("last", [state for state in DeckState if state.is_over])
def test_a_deck_that_is_over_stays_as_it_is(book, last):
    book.end("job-1", 1, last, message="first")
    assert not book.begin("job-1", 1)
    assert not book.end("job-1", 1, DeckState.FAILED, message="second")
    book.hand_out("job-1", 1, planned=5, to_draw=5)
    row = book.deck("job-1", 1)
    assert (row.state, row.message, row.to_draw) == (last, "first", 0)


def test_a_picture_told_twice_counts_once(book):
    book.hand_out("job-1", 1, planned=2, to_draw=2)
    for slide in (2, 2, 3):
        book.drawn("job-1", 1, slide)
    assert book.deck("job-1", 1).drawn == 2


def test_what_tasks_paid_adds_up_by_slide_until_the_end_says_what_it_was(book):
    for usd in (0.1, 0.2):
        book.paid("job-1", 1, 4, usd)
    book.paid("job-1", 1, 5, 0.4)
    assert book.paid_by_slide("job-1", 1) == pytest.approx({4: 0.3, 5: 0.4})
    assert book.deck("job-1", 1).cost_usd == pytest.approx(0.7)
    book.end("job-1", 1, DeckState.COMPLETED, cost_usd=0.9)
    assert book.deck("job-1", 1).cost_usd == pytest.approx(0.9)


def test_cancelling_takes_what_has_not_begun(book):
    book.begin("job-1", 1)
    assert book.cancel(JOB) == 2
    assert book.job("job-1").is_cancelled
    assert [row.state for row in book.decks(JOB)] == [DeckState.PROCESSING, DeckState.CANCELLED, DeckState.CANCELLED]


def test_deliveries_that_did_not_end_are_counted(book):
    assert [book.started("task") for _ in range(2)] == [1, 2]
    book.ended("task")
    assert book.started("task") == 1


def test_stranded_is_what_has_all_its_pictures_and_was_quiet(book, hands):
    for number in (1, 2):
        book.begin("job-1", number)
        book.hand_out("job-1", number, planned=1, to_draw=1)
    book.drawn("job-1", 1, 2)
    assert book.stranded(timedelta(seconds=10)) == []
    hands.now += timedelta(seconds=11)
    assert book.stranded(timedelta(seconds=10)) == [("job-1", 1)]
    book.heard("job-1", 1)
    assert book.stranded(timedelta(seconds=10)) == []
    hands.now += timedelta(seconds=11)
    book.end("job-1", 1, DeckState.COMPLETED)
    assert book.stranded(timedelta(seconds=10)) == []


def test_dead_letters_are_kept_the_last_first(book):
    letters = [DeadLetter(task="t", job="job-1", deck=number, reason="why", at=NOW) for number in (1, 2)]
    for letter in letters:
        book.bury(letter)
    assert book.dead_letters() == letters[::-1]
