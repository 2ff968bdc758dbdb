"""The English 16:9 deck: a small company's quarterly review, with charts and tables among its text slides."""

from __future__ import annotations

from pptx.enum.chart import XL_CHART_TYPE
from pptx.presentation import Presentation as Deck

from samples.building.art import Art
from samples.building.design import Design
from samples.building.slides import Slides

TITLE_BOX = (0.75, 0.55, 11.8, 0.95)
DESIGN = Design(
    name="Roastery",
    language="en-US",
    size_in=(13.333, 7.5),
    colours=(
        *("2B2320", "FFFFFF", "3E2723", "F6F0E8"),
        *("B5562B", "4E7A5E", "E0A458", "7A8C99", "8C5E58", "C9B79C", "B5562B", "8C5E58"),
    ),
    heading_font="Cambria",
    body_font="Calibri",
    title_pt=32,
    body_pt=24,
    boxes={
        "title": {0: (0.75, 2.2, 9.5, 1.7), 1: (0.75, 4.1, 9.5, 1.0)},
        "text": {0: TITLE_BOX, 1: (0.75, 1.75, 6.6, 4.9)},
        "section": {0: (0.75, 2.4, 10.0, 1.6), 1: (0.75, 4.15, 10.0, 1.0)},
        "other_side": {0: TITLE_BOX, 1: (6.6, 1.75, 5.95, 4.9)},
        "title_only": {0: TITLE_BOX},
        "picture": {0: TITLE_BOX, 1: (7.75, 1.75, 4.8, 4.9), 2: (0.75, 1.75, 6.6, 4.9)},
    },
    names={
        "title": "Title Slide",
        "text": "Title and Text",
        "section": "Section Header",
        "other_side": "Title and Text, Right",
        "title_only": "Title Only",
        "picture": "Text and Picture",
    },
    master_art=(Art(rect=(0.0, 0.0, 13.333, 0.18), colour="accent1"),),
    cover_art=(
        Art(rect=(0.0, 0.0, 13.333, 0.35), colour="accent1"),
        Art(rect=(0.85, 3.98, 1.4, 0.06), colour="accent3"),
    ),
)
WIDE = (0.75, 1.75, 11.8, 4.9)


def build() -> Deck:
    slides = Slides(DESIGN, "Quarterly Business Review, Q3 2026", "Finch & Harbour Coffee")
    slides.cover("Quarterly Business Review", "Finch & Harbour Coffee, third quarter of 2026")
    slides.text(
        "Agenda",
        "Where we stand: revenue, regions, customers",
        "What cost us more than planned",
        "The new roastery",
        "People",
        "Priorities for the fourth quarter",
    )
    _results(slides)
    _outlook(slides)
    slides.section("Questions?", "Finance team, room 2.14")
    _backup(slides)
    return slides.deck


def _results(slides: Slides) -> None:
    slides.section("Where we stand", "Results from July to September")
    slides.text(
        "Highlights of the quarter",
        "Revenue grew by 14 % against last year",
        "Subscriptions passed 20,000 active households",
        "Two cafés opened, in Leeds and in Ghent",
        "Waste per bag fell below 3 % for the first time",
        notes="Thank the Ghent team by name.\nMention that the waste figure is audited.",
    )
    slides.chart(
        "Subscriptions carry the growth",
        XL_CHART_TYPE.COLUMN_CLUSTERED,
        ("Cafés", "Subscriptions", "Wholesale", "Online shop"),
        {"Q3 2025, € million": (4.1, 2.2, 3.0, 0.9), "Q3 2026, € million": (4.3, 3.4, 3.1, 1.1)},
        WIDE,
    )
    slides.table(
        "Results by region",
        (
            ("Region", "Revenue, € million", "Change", "Cafés", "Margin"),
            ("United Kingdom", "5.2", "+9 %", "14", "18 %"),
            ("Belgium", "3.1", "+21 %", "7", "16 %"),
            ("Netherlands", "2.4", "+17 %", "5", "15 %"),
            ("Germany", "1.2", "+6 %", "3", "9 %"),
        ),
        (0.75, 1.9, 11.8, 3.2),
    )
    slides.other_side(
        "What customers told us",
        "They stay for the freshness: roasted to posted in two days",
        "They leave over delivery slots, not over price",
        "Half would bring the bag back for a refill",
        "Gift boxes are bought late and in a hurry",
    )
    cost = slides.text(
        "Where the money went",
        "Green coffee up by 11 %",
        "Freight back to normal levels",
        "Energy hedged until spring",
        "Packaging now fully recyclable, at a price",
    )
    slides.add_chart(
        cost,
        XL_CHART_TYPE.DOUGHNUT,
        ("Green coffee", "Wages", "Rent", "Freight", "Packaging"),
        {"Share of cost, %": (38.0, 29.0, 14.0, 11.0, 8.0)},
        (7.75, 1.75, 4.8, 4.9),
    )


def _outlook(slides: Slides) -> None:
    slides.section("What comes next", "From October to the new year")
    slides.picture(
        "The new roastery",
        "An old tram depot by the river, 1,800 square metres",
        "Two electric roasters, heat recovered for the offices",
        "Open to visitors through a glass gallery",
        "First roast planned for 2 December",
    )
    slides.text(
        "Supply risks we watch",
        "Drought in two growing regions",
        "A single port handles most of our containers",
        "New deforestation rules need proof of origin for each lot",
        "Three more farms under direct contract by January",
        notes="Image prompt: A container ship entering a calm harbour at sunrise, coffee sacks stacked on the quay in "
        "the foreground, wide view, muted warm colours",
    )
    slides.text(
        "People",
        "42 new colleagues, most of them in the cafés",
        "Barista training moved to the new roastery",
        "First apprentices in roasting and in maintenance",
        "Staff turnover down to 19 %",
    )
    slides.text(
        "Priorities for the fourth quarter",
        "Open the roastery on time and safely",
        "Evening delivery slots in four cities",
        "Refill stations in every café",
        "A calm December: gift boxes packed by the first of the month",
        notes="illustrate: no",
    )


def _backup(slides: Slides) -> None:
    slide = slides.text(
        "Backup: cash flow assumptions",
        "Green coffee at 3.10 dollars a pound",
        "Exchange rate of 1.12 dollars to the euro",
        "No new borrowing before the second quarter",
    )
    slides.hide(slide)
