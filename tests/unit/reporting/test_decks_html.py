"""The page of many decks: whole, safe whatever decks are called, and open to the keyboard, the ear and both lights."""

from __future__ import annotations

import re
from dataclasses import replace
from importlib import resources

import pytest
from lxml import html

from pipeline.errors import ExitCode
from pipeline.outcomes import DecksReport
from pipeline.reporting.decks_html import decks_html
from tests.unit.reporting.many_decks import DONE, FAILED, MIXED, NONE, PARTIAL, THOUSANDS, deck

HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=y>&amp;"
STYLE = resources.files("pipeline.reporting").joinpath("decks.css").read_text("utf-8")


def page_of(*decks, **facts):
    return html.document_fromstring(decks_html(DecksReport(decks=decks, seconds=100.0, **facts)))


def told(element):
    return " ".join(element.text_content().split())


def rows(page, status):
    return page.xpath(f"//section[@id='{status}']//tbody/tr")


def test_all_of_it_is_there():
    page = html.document_fromstring(decks_html(MIXED))
    assert told(page.find(".//h1")) == "2 of 5 decks are done."
    assert told(page.find(".//title")) == "2 of 5 decks are done. Deck report"
    assert [told(tile) for tile in page.xpath("//dl[@class='tiles']/div")] == [
        "Decks done2 of 5",
        "Pictures22 of 362 slides failed",
        "Cost$1.13$0.20 saved by the store, perhaps $0.04 more",
        "Time16 min 40 s1 min 04 s a deck",
    ]
    headings = ["Failed 1 deck", "Partial 1 deck", "Under way 1 deck", "Done 1 deck", "Nothing to do 1 deck"]
    assert [told(heading) for heading in page.findall(".//h2")] == headings
    (done,) = rows(page, "success")
    assert [told(cell) for cell in done[:4]] == ["review.pptxsales", "12 of 12", "$0.564", "1 min 20 s"]


def test_why_a_deck_failed_is_told_and_each_of_its_slides_where_it_is_opened():
    page = page_of(DONE, PARTIAL, FAILED)
    assert told(rows(page, "failed")[0][4]) == "/in/locked.pptx: encrypted; take its password off (exit code 4)"
    (details,) = page.findall(".//details")
    assert told(details.find("summary")) == "2 slides failed"
    assert [told(item) for item in details.findall(".//li")] == ["slide 4: policy: refused", "slide 9: no answer"]
    assert len(rows(page, "success")[0]) == 4


def test_why_not_all_were_begun():
    page = page_of(DONE, message="the budget is used up", stopped=ExitCode.BUDGET)
    (notice,) = page.xpath("//*[@role='note']")
    assert told(notice) == "Not every deck was begun: the budget is used up"
    assert told(page.xpath("//*[@class='eyebrow']")[0]) == "Deck report, exit code 10"


def test_nothing_is_fetched_and_nothing_runs():
    page = html.document_fromstring(decks_html(MIXED))
    assert not page.xpath("//script | //iframe | //img | //object | //@*[starts-with(name(), 'on')]")
    addresses = page.xpath("//@src | //@href | //@action")
    assert all(address == "data:," or address.startswith("#") for address in addresses)
    assert not re.search(r"@import|url\(|https?:", decks_html(MIXED))
    (policy,) = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy.startswith("default-src 'none';")


def test_no_text_becomes_markup_wherever_it_stands():
    hostile = deck(HOSTILE, output=f"/out/{HOSTILE}2", message=HOSTILE, errors=(HOSTILE,))
    clean = deck("n", output="/out/n2", message="m", errors=("e",))
    page, expected = page_of(hostile, message=HOSTILE), page_of(clean, message="m")
    assert [one.tag for one in page.iter()] == [one.tag for one in expected.iter()]
    assert page.text_content().count("onerror=y>&amp;") == 5
    empty = html.document_fromstring(decks_html(replace(NONE, message=HOSTILE)))
    assert told(empty.find(".//main/p")) == HOSTILE


def test_a_name_may_hold_anything():
    page = page_of(deck("caf\udce9\x00\x1b.pptx"), deck("מצגת.pptx"))
    page.text_content().encode("utf-8")
    names = page.xpath("//*[@class='name']")
    assert [name.text for name in names] == ["caf\\udce9\ufffd\ufffd.pptx", "מצגת.pptx"]
    assert {name.get("dir") for name in names} == {"auto"}


@pytest.mark.parametrize(
    ("inputs", "shared", "names"),
    [
        (["/in/a/x.pptx", "/in/a/b/y.pptx"], "/in/a/", ["x.pptx", "b y.pptx"]),
        (["/in/x.pptx", "/on/x.pptx"], None, ["/in x.pptx", "/on x.pptx"]),
        (["s3://one/x.pptx", "s3://two/x.pptx"], None, ["s3://one x.pptx", "s3://two x.pptx"]),
        (["C:\\in\\x.pptx", "C:\\in\\q\\y.pptx"], "C:\\in\\", ["x.pptx", "q y.pptx"]),
        (["x.pptx", "y.pptx"], None, ["x.pptx", "y.pptx"]),
    ],
)
def test_what_all_paths_share_is_told_once(inputs, shared, names):
    page = page_of(*[deck(input=path, output=None) for path in inputs])
    assert [dd.text for dd in page.xpath("//dl[@class='folders']/dd")] == ([shared] if shared else [])
    cells = [row[0] for row in rows(page, "success")]
    assert [" ".join(span.text for span in reversed(cell)) for cell in cells] == names


def test_where_a_deck_is_delivered_is_told_where_it_is_not_the_same_place():
    page = page_of(deck("a.pptx"), deck("b.pptx", output="/out/b.illustrated.pptx"))
    assert [told(row[0]) for row in rows(page, "success")] == ["a.pptx", "b.pptx→ b.illustrated.pptx"]


def test_tables_say_what_they_are_to_those_who_hear_them():
    page = html.document_fromstring(decks_html(MIXED))
    for table in page.findall(".//table"):
        assert table.find("caption").text
        assert {head.get("scope") for head in table.findall(".//thead//th")} == {"col"}
        columns = len(table.findall(".//thead//th"))
        for row in table.findall("tbody/tr"):
            assert (row[0].tag, row[0].get("scope"), len(row)) == ("th", "row", columns)
    # The rows are laid out as grids, which some browsers take for no table unless these are said.
    assert not page.xpath("//table[not(@role)] | //tr[not(@role)] | //th[not(@role)] | //td[not(@role)]")
    assert page.get("lang") == "en"
    assert len(page.findall(".//main")) == len(page.findall(".//h1")) == len(page.findall(".//nav")) == 1


def test_every_link_and_label_has_its_target():
    page = html.document_fromstring(decks_html(MIXED))
    targets = [link.removeprefix("#") for link in page.xpath("//nav//a/@href")] + page.xpath("//@aria-labelledby")
    ids = page.xpath("//@id")
    assert len(set(ids)) == len(ids) == 10
    assert sorted(targets) == sorted(ids)


def test_one_deck_of_thousands_can_be_seen_in_the_bar():
    page = html.document_fromstring(decks_html(THOUSANDS))
    bar = page.find(".//svg[@class='share']")
    assert bar.get("aria-label") == "Decks: 1 failed, 1 partial, 1,998 done"
    parts = [(float(part.get("x")), float(part.get("width"))) for part in bar]
    assert min(width for _, width in parts) > 4
    assert sum(parts[-1]) == pytest.approx(1000, abs=0.2)
    assert len(rows(page, "success")) == 1998


def test_bars_are_measured_by_the_dearest_and_the_slowest():
    page = page_of(deck("a.pptx", cost_usd=1.0, seconds=10.0), deck("b.pptx", cost_usd=0.25, seconds=0.0))
    bars = [[i.get("style") for i in row.findall(".//i")] for row in rows(page, "success")]
    assert bars == [["--of:1.000", "--of:1.000"], ["--of:0.250"]]


def test_no_deck():
    page = html.document_fromstring(decks_html(NONE))
    assert told(page.find(".//h1")) == "No deck was found."
    assert ".pptx" in told(page.find(".//main/p"))
    assert not page.findall(".//table")


def luminance(colour):
    """Relative luminance of #rrggbb (WCAG 2.2)."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    darker, lighter = sorted([luminance(one), luminance(other)])
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("which", [0, 1, 2], ids=["light", "dark", "print"])
def test_text_can_be_read_in_every_light(which):
    palettes = [dict(re.findall(r"--(\w[\w-]*): (#\w+);", block)) for block in re.findall(r":root \{[^}]*\}", STYLE)]
    colours = {
        name: "#" + "".join(digit * 2 for digit in value[1:]) if len(value) == 4 else value
        for name, value in (palettes[0] | palettes[which]).items()
    }
    texts = ["ink", "soft", "failed", "partial", "waiting", "success", "nothing_to_do"]
    pairs = [(text, ground) for text in texts for ground in ("paper", "sheet")] + [("ink", "failed-tint")]
    assert {pair: ratio for pair in pairs if (ratio := contrast(colours[pair[0]], colours[pair[1]])) < 4.5} == {}
    assert contrast(colours["accent"], colours["paper"]) >= 3  # the ring round what has the focus
    assert contrast(colours["bar"], colours["sheet"]) >= 3
