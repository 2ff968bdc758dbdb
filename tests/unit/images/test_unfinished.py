"""What is ordered is found again by its request, for a day, and whoever reads the receipt does not learn the key."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from pydantic import SecretStr

from pipeline.config.credentials import Access
from pipeline.config.spellings import spellings
from pipeline.images.unfinished import KEPT_FOR, Order, Orders, ReceiptsInMemory
from pipeline.records import CallKind, Request
from pipeline.services.catalog import load_catalog

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
KEY = "sk-Quokka/Zephyr+0123456789=abcdef"
REQUEST = Request(kind=CallKind.IMAGE, service="bfl", model="flux", prompt="A harbour")
ORDER = Order(taken=NOW, content={"id": "t/1", "polling_url": "https://eu.bfl.example/?id=1"}, misses=1)


class Calendar:
    now = NOW


def orders(receipts, key=KEY, calendar=Calendar):
    access = Access(service=load_catalog().services["bfl"], base_url=None, key=SecretStr(key) if key else None)
    return Orders(receipts, access, lambda: calendar.now)


@pytest.mark.parametrize("key", [KEY, None])
def test_an_order_is_found_by_another_process_until_it_is_dropped(key):
    receipts = ReceiptsInMemory()
    assert orders(receipts, key).find(REQUEST) is None
    orders(receipts, key).keep(REQUEST, ORDER)
    assert orders(receipts, key).find(REQUEST) == ORDER
    orders(receipts, key).drop(REQUEST)
    orders(receipts, key).drop(REQUEST)
    assert orders(receipts, key).find(REQUEST) is None


def test_what_is_kept_later_stands_in_place_of_what_was_before():
    receipts = ReceiptsInMemory()
    for misses in (0, 1):
        orders(receipts).keep(REQUEST, Order(taken=NOW, content=ORDER.content, misses=misses))
    assert orders(receipts).find(REQUEST) == ORDER


def test_another_request_is_another_order():
    receipts = ReceiptsInMemory()
    orders(receipts).keep(REQUEST, ORDER)
    other = Request(kind=CallKind.IMAGE, service="bfl", model="flux", prompt="A hill")
    assert orders(receipts).find(other) is None


@pytest.mark.parametrize(
    "spell",
    [
        str,
        lambda key: quote(key, safe=""),
        lambda key: b64encode(f"me:{key}".encode()).decode(),
        lambda key: f"{key}{key} {quote(key)}",
    ],
    ids=["plain", "percent", "base64", "many"],
)
def test_the_key_is_taken_out_of_a_receipt_and_put_back(spell):
    content = {"polling_url": f"https://x.example/?token={spell(KEY)}&id=1", spell(KEY): [spell(KEY), 1, None]}
    receipts = ReceiptsInMemory()
    orders(receipts).keep(REQUEST, Order(taken=NOW, content=content))
    receipt = receipts.find_receipt(REQUEST.key)
    assert receipt is not None
    text = receipt.decode() + json.dumps(json.loads(receipt), ensure_ascii=False)
    assert [spelling for spelling in spellings((KEY,)) if spelling in text] == []
    found = orders(receipts).find(REQUEST)
    assert found is not None
    assert found.content == content


def test_a_key_with_letters_that_json_writes_otherwise_is_taken_out_too():
    key = 'sk-"quoted\\0123456789'
    receipts = ReceiptsInMemory()
    orders(receipts, key).keep(REQUEST, Order(taken=NOW, content={"u": f"a {key} b"}))
    receipt = receipts.find_receipt(REQUEST.key)
    assert receipt is not None
    assert b"0123456789" not in receipt
    found = orders(receipts, key).find(REQUEST)
    assert found is not None
    assert found.content == {"u": f"a {key} b"}


@pytest.mark.parametrize(
    ("later", "is_found"),
    [
        (KEPT_FOR - timedelta(minutes=1), True),
        (KEPT_FOR + timedelta(minutes=1), False),
        (-timedelta(hours=3), True),
        (-KEPT_FOR - timedelta(days=300), False),
    ],
)
def test_an_order_is_gone_on_with_for_a_day_whatever_the_clock_does(later, is_found):
    receipts, calendar = ReceiptsInMemory(), Calendar()
    orders(receipts, calendar=calendar).keep(REQUEST, ORDER)
    calendar.now += later
    assert (orders(receipts, calendar=calendar).find(REQUEST) is not None) == is_found
    assert (receipts.find_receipt(REQUEST.key) is not None) == is_found


@pytest.mark.parametrize(
    "receipt",
    [
        b"",
        b"{",
        b"[]",
        b"7",
        b'{"taken": "2026-11-20T12:00:00+00:00", "misses": 0}',
        b'{"taken": "yesterday", "misses": 0, "content": "{}"}',
        b'{"taken": "2026-11-20T12:00:00", "misses": 0, "content": "{}"}',
        b'{"taken": "2026-11-20T12:00:00+00:00", "misses": [], "content": "{}"}',
        b'{"taken": "2026-11-20T12:00:00+00:00", "misses": 0, "content": "{"}',
        '{"taken": "2026-11-20T12:00:00+00:00", "misses": 0, "content": "\ue000999\ue001"}'.encode(),
        b"\xff\xfe",
    ],
)
def test_what_is_no_receipt_is_forgotten(receipt):
    receipts = ReceiptsInMemory()
    receipts.keep_receipt(REQUEST.key, receipt)
    assert orders(receipts).find(REQUEST) is None
    assert receipts.find_receipt(REQUEST.key) is None


def test_neither_an_order_nor_who_keeps_it_tells_what_is_in_it():
    assert KEY not in repr(orders(ReceiptsInMemory()))
    assert "polling_url" not in repr(ORDER)
