"""What every service keeps, however it is asked: a failure means one thing, says what to do, is asked about once."""

from __future__ import annotations

import pytest

from pipeline.errors import FailureKind
from tests.services.asking import failure, paint, request_of
from tests.services.table import EVERY

MEANINGS = {
    "bad_key": FailureKind.AUTH,
    "no_credit": FailureKind.BILLING,
    "rate_limited": FailureKind.RATE,
    "policy_refusal": FailureKind.POLICY,
    "bad_parameter": FailureKind.BAD_PARAMETER,
    "without_image": FailureKind.EMPTY,
    "server_error": FailureKind.TRANSIENT,
    "retired_model": FailureKind.UNKNOWN_MODEL,
}
# Other ways in which one of them says the same.
OWN_WORDS = {
    "openai": {
        "forbidden": FailureKind.AUTH,
        "quota_exhausted": FailureKind.BILLING,
        "billing_hard_limit_reached": FailureKind.BILLING,
        "overloaded": FailureKind.TRANSIENT,
    },
    "azure": {"forbidden": FailureKind.AUTH, "content_filter": FailureKind.POLICY},
    "azure-classic": {"forbidden": FailureKind.AUTH, "content_filter": FailureKind.POLICY},
    "openrouter": {"rate_limited_upstream": FailureKind.RATE, "rate_limited_in_body": FailureKind.RATE},
    "gemini": {
        "forbidden": FailureKind.AUTH,
        "billing_not_enabled": FailureKind.BILLING,
        "daily_quota_spent": FailureKind.BILLING,
        "prompt_blocked": FailureKind.POLICY,
        "text_only": FailureKind.EMPTY,
        "overloaded": FailureKind.TRANSIENT,
    },
    "stability": {"content_filtered": FailureKind.POLICY},
    "huggingface": {
        "forbidden": FailureKind.AUTH,
        "rate_limited_by_hub": FailureKind.RATE,
        "loading": FailureKind.TRANSIENT,
    },
    "bfl": {"request_moderated": FailureKind.POLICY, "rate_limited_in_words": FailureKind.RATE},
    "fal": {
        "app_forbidden": FailureKind.AUTH,
        "policy_at_once": FailureKind.POLICY,
        "nsfw_black_image": FailureKind.POLICY,
        "no_media": FailureKind.EMPTY,
        "runner_timeout": FailureKind.TRANSIENT,
    },
    "replicate": {"sensitive": FailureKind.POLICY, "canceled": FailureKind.TRANSIENT},
    "kie": {
        "blocked_caller": FailureKind.TRANSIENT,
        "maintenance": FailureKind.TRANSIENT,
        "sensitive": FailureKind.POLICY,
    },
}


@EVERY
def test_a_failure_is_of_the_kind_it_means_and_told_in_one_line(watch, painter_of, row):
    watched = watch(row)
    painter = painter_of(row, watched.server)
    meanings = MEANINGS | OWN_WORDS.get(row.service, {})
    meanings |= {"failed_task": FailureKind.TRANSIENT} if row.has_tasks else {}
    found = {}
    for number, fault in enumerate(meanings, 1):
        watched.server.faults.clear()
        watched.server.faults.always(getattr(row.faults, fault)())
        error = failure(painter, request_of(prompt=f"A harbour and {fault}"))
        found[fault] = error.kind
        assert len(watched.posts) == number, "the engine alone tries again"
        assert "\n" not in str(error)
        assert len(str(error)) < 500
        # What `checked` finds in the bytes it tells without a name; the report has the name beside.
        assert str(error).startswith(f"{row.choice.service.title}: ") or error.kind is FailureKind.EMPTY
    assert found == meanings


@EVERY
def test_what_to_do_about_a_key_is_said_with_the_name_of_its_variable(watch, painter_of, row):
    watched = watch(row)
    for fault in ("bad_key", "no_credit"):
        watched.server.faults.clear()
        watched.server.faults.always(getattr(row.faults, fault)())
        assert row.key_variable in str(failure(painter_of(row, watched.server)))


@EVERY
def test_a_rate_limit_is_handed_on_with_the_services_own_hint(watch, painter_of, row):
    watched = watch(row)
    watched.server.faults.always(row.faults.rate_limited(7))
    error = failure(painter_of(row, watched.server))
    seconds = 10 if row.service == "kie" else 7  # Kie.ai says none: its window is of ten seconds
    assert error.retry_after_s == pytest.approx(seconds, abs=1)


@EVERY
def test_after_a_failure_the_same_request_brings_its_picture(watch, painter_of, row):
    watched = watch(row)
    watched.server.faults.when(lambda _: True, row.faults.server_error(), times=1)
    painter = painter_of(row, watched.server)
    failure(painter)
    assert paint(painter).provider == row.service
    assert len(watched.posts) == 2
