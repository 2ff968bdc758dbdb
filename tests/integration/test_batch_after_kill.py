"""Batches of runs that are killed or interrupted: whatever was handed in is found again, collected, and paid once."""

from __future__ import annotations

import json
import os
import time
from signal import SIGINT, SIGKILL

import pytest

from tests.integration.happenings import attempts, home, left_over, run_states
from tests.integration.support import CONFIG, QUICK, WORK, names_in, our_pictures

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked here"),
]

SLIDES = 3
WAITING = 21
END_S = 40.0
PROMPTS, PICTURES = "batch-prompt.json", "batch-image.json"


@pytest.fixture
def start(forge, services, make_deck, tmp_path, out):
    """Start the same command with `--batch` as a process of its own."""
    deck, said = make_deck(SLIDES), tmp_path.with_name(f"{tmp_path.name}.said")

    def launch(*words: str, dies_at=()):
        (tmp_path / CONFIG).write_text(QUICK, encoding="utf-8")
        command = (deck, "-o", out, "--batch", *words, "--config", CONFIG, "--json")
        return forge.start(*command, said=said, dies_at=dies_at)

    return launch


@pytest.fixture
def killed(start):
    """A start that dies at these steps."""

    def die(*steps) -> None:
        assert start(dies_at=steps).ended()[0] == -SIGKILL

    return die


@pytest.fixture
def go_on(start, services):
    """The same command until it is done; gives what the last start said on stderr."""

    def on() -> str:
        for _ in range(4):
            code, _, err = start().ended()
            if code != WAITING:
                assert code == 0, err
                return err
            for server in services:
                server.batches.finish()
        raise AssertionError("it never came to an end")

    return on


@pytest.fixture
def is_whole(run, services, tmp_path, out):
    """The deck is there, every question was worked on once and asked in batches alone, and nothing is left behind."""

    def check() -> bool:
        paths = [request.path for server in services for request in server.requests]
        lone = [path for path in paths if path.endswith(("/messages", "/images/generations"))]
        worked = [dict(server.batches.worked) for server in services]
        assert not lone
        assert [set(counts.values()) for counts in worked] == [{1}, {1}]
        assert [len(counts) for counts in worked] == [SLIDES, SLIDES]
        assert set(our_pictures(out)) == {2, 3, 4}
        told = attempts(run)
        assert (told["prompt", "success"], told["image", "success"]) == (SLIDES, SLIDES)
        assert not [state for _, state in told if state == "pending"]
        assert not {"pending", "waiting"} & set(run_states(run))
        assert not left_over(home())
        return names_in(tmp_path / WORK) <= {"run.log", "run.lock"}

    return check


@pytest.fixture
def reach(start, services):
    """Bring it to where the batch of pictures is handed in, and done if that is wanted."""

    def to(*, is_done: bool) -> None:
        assert start().ended()[0] == WAITING
        services[0].batches.finish()
        assert start().ended()[0] == WAITING
        if is_done:
            services[1].batches.finish()

    return to


def test_killed_before_a_batch_is_written_down_it_is_handed_in_anew(killed, go_on, is_whole, run, tmp_path):
    killed(("os.rename", tmp_path / WORK / PROMPTS))
    assert attempts(run) == {("prompt", "pending"): SLIDES}
    go_on()
    assert attempts(run)["prompt", "not_made"] == SLIDES  # closed as never handed in
    assert run("history").report["runs"][-1]["maybe_usd"] == 0
    assert is_whole()


@pytest.mark.parametrize("name", [PROMPTS, PICTURES])
def test_killed_between_handing_in_and_remembering_it_is_found_again(
    name, killed, go_on, is_whole, start, services, tmp_path
):
    if name == PICTURES:
        assert start().ended()[0] == WAITING
        services[0].batches.finish()
    note = ("os.rename", tmp_path / WORK / name)
    killed(note, note)
    assert [len(list(server.batches)) for server in services] == [1, int(name == PICTURES)]
    go_on()
    assert [len(list(server.batches)) for server in services] == [1, 1]
    assert is_whole()


def test_killed_in_the_middle_of_the_results_it_collects_the_rest(reach, killed, go_on, is_whole, services):
    reach(is_done=True)
    (pictures,) = services[1].batches
    second = pictures.shuffled()[1].custom_id
    killed(("os.rename", home() / "store" / "pictures" / f"{second}.json"))
    assert len(list((home() / "store" / "pictures").glob("*.json"))) == 1
    go_on()
    assert is_whole()


@pytest.mark.parametrize(
    "step", [("os.remove", PICTURES), ("os.rename", "out.pptx")], ids=["before it is forgotten", "before the end"]
)
def test_killed_after_collecting_it_goes_on_from_the_store(step, reach, killed, go_on, is_whole, tmp_path):
    reach(is_done=True)
    event, name = step
    killed((event, tmp_path / WORK / name if name == PICTURES else tmp_path / name))
    go_on()
    assert is_whole()


def test_ctrl_c_while_waiting_ends_in_order_and_the_next_start_goes_on(start, go_on, is_whole, services, run, tmp_path):
    process = start("--wait")
    deadline = time.monotonic() + END_S
    note = tmp_path / WORK / PROMPTS
    while not (note.exists() and json.loads(note.read_bytes())["batch"]):  # it has handed in, and waits
        assert time.monotonic() < deadline
        time.sleep(0.02)
    os.kill(process.pid, SIGINT)
    code, out, err = process.ended()
    assert code == 130, err
    assert '"status": "waiting"' in out  # of the slides
    assert "Traceback" not in err
    assert PROMPTS in names_in(tmp_path / WORK)
    assert run_states(run) == ["failed"]
    assert "was broken off" not in go_on()
    assert is_whole()
