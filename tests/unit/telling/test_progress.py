"""What is overheard of runs: who waits for what, how long it took, and that nothing is kept for ever."""

from __future__ import annotations

from pipeline.events import Notice, RunEnded, RunStarted, Stage, StageDone, current_run
from pipeline.telling.progress import Progress
from tests.unit.telling.ended import RUN, Waits, run_through


def listening():
    waits = Waits()
    return waits, Progress(lambda: waits.at_s)


def nothing(_event):
    pass


def test_every_event_goes_on_to_the_listener():
    heard = []
    waits, progress = listening()
    run_through(progress.watching(heard.append), waits)
    assert [type(event) for event in heard] == [RunStarted, *[StageDone] * 4, RunEnded]


def test_the_times_of_a_run():
    waits, progress = listening()
    run_through(progress.watching(nothing), waits)
    times = progress.take(RUN)
    assert (times.started_s, times.ended_s) == (100, 108)
    assert [times.image_s(number) for number in (1, 2, 3)] == [4, 3, None]
    assert progress.take(RUN) is None
    assert progress.under_way == []


def test_who_waits_for_what():
    _, progress = listening()
    sink = progress.watching(nothing)

    def waiting():
        (run,) = progress.under_way
        return run.awaiting_prompt, run.awaiting_image

    sink(RunStarted(planned=4))
    assert waiting() == (4, 0)
    sink(StageDone(stage=Stage.PROMPTS, slide_number=1))
    sink(StageDone(stage=Stage.PROMPTS, slide_number=2))
    assert waiting() == (2, 2)
    sink(StageDone(stage=Stage.PROMPTS, slide_number=3, problem="no prompt"))
    sink(StageDone(stage=Stage.IMAGES, slide_number=3, skipped=True))
    assert waiting() == (1, 2)
    sink(StageDone(stage=Stage.PROMPTS, slide_number=4, skipped=True))
    sink(StageDone(stage=Stage.IMAGES, slide_number=4, skipped=True))
    assert waiting() == (0, 2)
    sink(StageDone(stage=Stage.IMAGES, slide_number=1))
    sink(StageDone(stage=Stage.IMAGES, slide_number=2, problem="no picture"))
    assert waiting() == (0, 0)
    sink(RunEnded())
    assert progress.under_way == []


def test_runs_at_once_are_told_apart():
    _, progress = listening()
    sink = progress.watching(nothing)
    for name, planned in (("one", 1), ("two", 2)):
        current_run.set(name)
        sink(RunStarted(planned=planned))
    current_run.set("one")
    sink(StageDone(stage=Stage.PROMPTS, slide_number=1))
    current_run.set("")
    assert [(run.awaiting_prompt, run.awaiting_image) for run in progress.under_way] == [(0, 1), (2, 0)]


def test_what_belongs_to_no_run_is_passed_on():
    heard = []
    _, progress = listening()
    sink = progress.watching(heard.append)
    sink(Notice(text="before"))
    sink(RunEnded())
    assert len(heard) == 2
    assert progress.under_way == []


def test_runs_nobody_comes_for_are_forgotten():
    waits, progress = listening()
    sink = progress.watching(nothing)
    for number in range(1000):
        run_through(sink, waits, f"run-{number}")
    kept = [progress.take(f"run-{number}") for number in range(1000)]
    assert 0 < len([times for times in kept if times]) <= 256
    assert kept[-1] is not None
