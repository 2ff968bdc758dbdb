"""A picture is known by what a service is really asked: the same where the same is sent, another where another is."""

from __future__ import annotations

import json
from itertools import combinations

import pytest

from pipeline.images.offline import OfflineImages
from pipeline.records import CallKind, Ground, Theme
from tests.services.asking import PROMPT, paint, request_of
from tests.services.table import EVERY, KEY, KEY_OF_TWO, ROWS
from tests.services.test_secrets import leaks

DARK = Theme(background="000000", text="FFFFFF", accents=("4472C4",))
# What one slide's picture may differ in from another's.
VARIATIONS = (
    {},
    {"theme": DARK, "seed": 2, "subject": "Another subject", "is_cover": True},
    {"style": "isometric"},
    {"prompt": "Another picture altogether."},
    {"aspect_ratio": 1.78},
    {"aspect_ratio": 1.77, "width_px": 514},
    {"aspect_ratio": 0.5, "width_px": 1600},
    {"ground": Ground.TRANSPARENT},
)


@EVERY
def test_two_pictures_are_one_request_exactly_where_the_service_is_asked_the_same(watch, painter_of, row):
    watched = watch(row)
    painter = painter_of(row, watched.server)
    sent, keys = [], []
    for changes in VARIATIONS:
        request = request_of(**changes)
        paint(painter, request)
        post = watched.posts[-1]
        sent.append(json.dumps([post.path, post.body], sort_keys=True))
        keys.append(painter.request(request).key)
    for one, other in combinations(range(len(VARIATIONS)), 2):
        assert (keys[one] == keys[other]) == (sent[one] == sent[other]), (VARIATIONS[one], VARIATIONS[other])


@EVERY
def test_a_request_says_what_is_asked_and_neither_with_which_key_nor_where(watch, painter_of, row):
    server = watch(row).server
    request = painter_of(row, server).request(request_of())
    assert (request.kind, request.service, request.prompt) == (CallKind.IMAGE, row.service, PROMPT)
    assert request.model == row.choice.id
    said = json.dumps([dict(request.parameters), dict(request.context)]) + repr(request)
    assert leaks(said) == []
    assert server.origin not in said
    assert PROMPT not in json.dumps([dict(request.parameters), dict(request.context)])


@EVERY
def test_what_pictures_of_the_same_price_are_asked_with_is_the_same(watch, painter_of, row):
    painter = painter_of(row, watch(row).server)
    one, other = (painter.request(request_of(prompt=prompt, variant=len(prompt))) for prompt in ("A", "BC"))
    assert one.parameters == other.parameters
    assert one.key != other.key


@EVERY
def test_another_person_with_another_key_asks_the_same(watch, painter_of, row):
    server = watch(row).server
    keys = set()
    for key in (KEY, KEY_OF_TWO):
        server.api_key = key
        keys.add(painter_of(row, server).request(request_of()).key)
    server.api_key = KEY_OF_TWO if row.service == "fal" else KEY
    assert len(keys) == 1


def test_several_variants_of_one_picture_are_several_requests(watch, painter_of):
    painter = painter_of(ROWS["openai"], watch("openai").server)
    keys = {painter.request(request_of(variant=variant)).key for variant in range(3)}
    assert len(keys) == 3


def test_settings_that_are_sent_make_another_request(watch, painter_of):
    row, server = ROWS["openai"], watch("openai").server
    plain = painter_of(row, server).request(request_of())
    assert painter_of(row, server, quality="medium").request(request_of()) == plain, "which is what is asked unasked"
    assert painter_of(row, server, quality="high").request(request_of()).key != plain.key


@pytest.mark.parametrize(
    "changes",
    [
        {"subject": "A hill"},
        {"theme": DARK},
        {"seed": 2},
        {"style": "photo"},
        {"is_cover": True},
        {"variant": 1},
        {"aspect_ratio": 2.0},
        {"width_px": 300},
        {"ground": Ground.PLAIN},
    ],
    ids=str,
)
def test_without_a_service_a_picture_is_known_by_all_it_is_drawn_by(changes):
    offline = OfflineImages()
    assert offline.request(request_of(**changes)).key != offline.request(request_of()).key
    assert offline.request(request_of()) == offline.request(request_of())
    assert not offline.is_on_order(request_of(**changes))
