"""What the services with tasks have in common: the knobs, the addresses of pictures, the names of their faults."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import httpx2
import pytest

from tests.fakes import BflServer, bfl_faults, fal_faults, kie_faults, replicate_faults
from tests.fakes.answers import opened
from tests.fakes.faults import malformed_json
from tests.fakes.fields import Field, choice, links, problems, whole
from tests.fakes.shapes import of_ratio
from tests.fakes.wire import Reply

Look = Callable[[], Any]
FAULTS = (
    *("bad_key", "no_credit", "rate_limited", "policy_refusal", "bad_parameter", "without_image", "server_error"),
    *("garbage", "retired_model", "failed_task", "slow_task", "endless_task", "expired_url"),
)


@pytest.fixture
def server() -> Iterator[BflServer]:
    with BflServer() as bfl:
        yield bfl


@pytest.fixture
def submit(server: BflServer, http: httpx2.Client) -> Callable[[], Look]:
    """Open a task; what is given back looks at it."""
    key = {"x-key": server.api_key}

    def call() -> Look:
        answer = http.post(f"{server.origin}/v1/flux-2-pro", headers=key, json={"prompt": "A harbour", "width": 512})
        return lambda: http.get(answer.json()["polling_url"], headers=key).json()

    return call


@pytest.mark.parametrize("module", [bfl_faults, fal_faults, kie_faults, replicate_faults])
def test_every_service_has_the_same_faults_under_the_same_names(module: ModuleType) -> None:
    for name in FAULTS:
        parameters = inspect.signature(getattr(module, name)).parameters.values()
        assert name in module.__all__
        assert all(parameter.default is not parameter.empty for parameter in parameters)
    assert set(module.__all__) >= {
        name
        for name, member in vars(module).items()
        if inspect.isfunction(member) and member.__module__ == module.__name__
    }


@pytest.mark.parametrize("polls", [1, 2, 4])
def test_a_task_is_done_at_the_look_that_was_asked_for(
    server: BflServer, submit: Callable[[], Look], polls: int
) -> None:
    server.polls_needed = polls
    look = submit()
    assert [look()["status"] for _ in range(polls + 1)] == ["Pending"] * (polls - 1) + ["Ready"] * 2
    assert server.tasks[0].looks == polls + 1


def test_a_task_that_never_ends_ends_when_it_is_let(server: BflServer, submit: Callable[[], Look]) -> None:
    server.never_ends = True
    look = submit()
    assert {look()["status"] for _ in range(20)} == {"Pending"}
    server.never_ends = False
    assert look()["status"] == "Ready"


def test_an_unknown_word_is_shown_while_a_task_is_under_way(server: BflServer, submit: Callable[[], Look]) -> None:
    server.unknown_status = "Dreaming"
    look = submit()
    assert [look()["status"] for _ in range(2)] == ["Dreaming", "Ready"]


def test_a_slow_and_an_endless_task_are_so_for_one_task_alone(server: BflServer, submit: Callable[[], Look]) -> None:
    server.faults.on_call(1, bfl_faults.slow_task(3))
    server.faults.on_call(2, bfl_faults.endless_task())
    looks = [submit() for _ in range(3)]
    seen = [[look()["status"] for _ in range(3)] for look in looks]
    assert seen == [["Pending", "Pending", "Ready"], ["Pending"] * 3, ["Pending", "Ready", "Ready"]]


def test_the_address_of_every_picture_can_expire(
    server: BflServer, submit: Callable[[], Look], http: httpx2.Client
) -> None:
    server.polls_needed = 1
    server.expired = True
    link = submit()()["result"]["sample"]
    assert http.get(link).status_code == 403
    server.expired = False
    assert opened(http.get(link).content).size == (512, 768)


def test_the_address_of_one_picture_can_expire(
    server: BflServer, submit: Callable[[], Look], http: httpx2.Client
) -> None:
    server.polls_needed = 1
    server.faults.on_call(1, bfl_faults.expired_url())
    first, second = (submit()()["result"]["sample"] for _ in range(2))
    assert [http.get(link).status_code for link in (first, second)] == [403, 200]


def test_a_picture_is_not_given_to_a_caller_who_sends_a_key_nor_without_its_signature(
    server: BflServer, submit: Callable[[], Look], http: httpx2.Client
) -> None:
    server.polls_needed = 1
    link = submit()()["result"]["sample"]
    keys = ({"x-key": server.api_key}, {"Authorization": f"Bearer {server.api_key}"})
    assert [http.get(link, headers=sent).status_code for sent in keys] == [400, 400]
    assert http.get(link).status_code == 200
    assert http.get(link.partition("?")[0]).status_code == 403


def test_the_address_of_a_picture_can_lie_at_another_host(server: BflServer, submit: Callable[[], Look]) -> None:
    server.polls_needed = 1
    server.image_origin = "http://169.254.169.254"
    assert submit()()["result"]["sample"].startswith("http://169.254.169.254/files/")


def test_looks_can_be_interrupted(server: BflServer, submit: Callable[[], Look], http: httpx2.Client) -> None:
    server.faults.on_call(1, bfl_faults.interrupted_task(Reply(status=502, body=b"<html>nginx</html>")))
    submit()
    task = server.tasks[0]
    look = f"{server.origin}/v1/get_result?id={task.id}"
    statuses = [http.get(look, headers={"x-key": server.api_key}).status_code for _ in range(3)]
    assert (statuses, task.looks) == ([502, 200, 200], 2)


def test_the_faults_of_every_service_strike_here_as_well(server: BflServer, http: httpx2.Client) -> None:
    server.faults.always(malformed_json)
    answer = http.post(f"{server.origin}/v1/flux-dev", headers={"x-key": server.api_key}, json={"prompt": "Sea"})
    with pytest.raises(ValueError, match=r"Expecting|Unterminated|Invalid"):
        answer.json()


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [
        (Field(is_required=True), "", "required"),
        (Field(), 3, "kind"),
        (Field(kind="flag"), 1, "kind"),
        (whole(), True, "kind"),
        (whole(), 1.5, "kind"),
        (whole(1, 4), 0, "low"),
        (whole(1, 4), 5, "high"),
        (whole(None, None, 16), 1080, "multiple"),
        (choice("a", "b"), "c", "choice"),
        (links(1), ["a", "b"], "length"),
        (Field(longest=3), "four", "length"),
        (Field(kind="ratio", low=0.5, high=2), "21:9", "high"),
        (Field(kind="ratio"), "wide", "kind"),
        (Field(kind="ratio"), "1:0", "kind"),
        (Field(), None, "kind"),
    ],
)
def test_a_field_knows_which_rule_a_value_breaks(field: Field, value: Any, rule: str) -> None:
    assert [problem.rule for problem in problems({"it": field}, {"it": value, "unknown": 1})] == [rule]


@pytest.mark.parametrize(
    ("ratio", "resolution", "size"),
    [
        ("1:1", "1k", (1024, 1024)),
        ("16:9", "1K", (1360, 768)),
        ("auto", "2K", (2048, 2048)),
        ("3:4", "0.5 MP", (624, 832)),
        (None, "768sq", (768, 768)),
    ],
)
def test_words_for_a_shape_stand_for_pixels(ratio: str | None, resolution: str, size: tuple[int, int]) -> None:
    assert of_ratio(ratio, resolution) == size
