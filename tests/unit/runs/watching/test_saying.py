"""What keeps a file waiting is told once, and again only when something else is to be told."""

from __future__ import annotations

from pipeline.runs.watching.saying import Said


def test_a_text_is_told_once_until_there_is_another_about_the_same():
    told = []
    said = Said(told.append)
    for subject, text in (("a", "1"), ("a", "1"), ("b", "1"), ("a", "2"), ("a", "1"), ("a", "1")):
        said(subject, text)
    assert told == ["1", "1", "2", "1"]


def test_it_remembers_no_more_than_it_needs():
    said = Said(lambda text: None)
    for number in range(3000):
        said(str(number), "waits")
    assert len(said._last) <= 1000
