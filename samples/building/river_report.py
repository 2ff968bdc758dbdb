"""The report of a river trust: a slide of every kind a designer draws, over the art and lines of its own layouts."""

from __future__ import annotations

from typing import Any

from pptx.enum.chart import XL_CHART_TYPE
from pptx.presentation import Presentation as Deck
from pptx.slide import Slide

from samples.building.art import Art
from samples.building.design import Design
from samples.building.slides import Slides

TITLE_BOX = (0.75, 0.5, 10.9, 0.95)
FOOTER_BOX = (0.75, 6.95, 7.0, 0.35)
PANEL_IN = 4.9
MARK = (
    Art(rect=(12.0, 0.65, 0.58, 0.58), colour="accent1", outline="ellipse"),
    Art(rect=(12.1, 0.82, 0.38, 0.16), colour="bg1", outline="wave"),
    Art(rect=(12.16, 1.0, 0.26, 0.1), colour="accent3", outline="wave"),
)
DESIGN = Design(
    name="Wendle",
    language="en-GB",
    size_in=(13.333, 7.5),
    colours=(
        *("26343A", "FFFFFF", "12424A", "E6EFEC"),
        *("2C7A7B", "B9512F", "EFC47A", "7FA287", "8FB8CA", "5B6C75", "2C7A7B", "5B6C75"),
    ),
    heading_font="Calibri",
    body_font="Cambria",
    title_pt=36,
    body_pt=24,
    boxes={
        "title": {0: (0.75, 1.5, 10.2, 1.9), 1: (0.75, 3.55, 10.2, 0.9)},
        "text": {0: TITLE_BOX, 1: (0.75, 1.7, 11.83, 4.85), 11: FOOTER_BOX},
        "section": {0: (0.75, 1.5, 10.2, 1.9), 1: (0.75, 3.55, 10.2, 0.9)},
        "other_side": {0: TITLE_BOX, 1: (6.9, 1.7, 5.68, 4.85), 11: FOOTER_BOX},
        "columns": {
            0: TITLE_BOX,
            1: (0.75, 1.65, 5.7, 0.6),
            2: (0.75, 2.3, 5.7, 4.25),
            3: (6.88, 1.65, 5.7, 0.6),
            4: (6.88, 2.3, 5.7, 4.25),
            11: FOOTER_BOX,
        },
        "title_only": {0: TITLE_BOX, 11: FOOTER_BOX},
        "sidebar": {0: (0.6, 0.8, 3.9, 1.2), 2: (0.6, 2.1, 3.9, 4.6), 11: (PANEL_IN + 0.6, *FOOTER_BOX[1:])},
        "picture": {0: TITLE_BOX, 1: (7.45, 1.85, 5.13, 4.55), 2: (0.75, 1.7, 6.3, 4.85), 11: FOOTER_BOX},
    },
    names={
        "title": "Title Slide",
        "text": "Title and Content",
        "section": "Section Header",
        "other_side": "Content Right",
        "columns": "Comparison",
        "title_only": "Title Only",
        "sidebar": "Panel",
        "picture": "Content and Picture",
    },
    master_art=(*MARK, Art(rect=(0.85, 6.82, 11.73, 0.015), colour="accent5")),
    cover_art=(
        Art(rect=(-0.4, 5.15, 14.2, 1.6), colour="accent5", outline="wave"),
        Art(rect=(-0.4, 5.6, 14.2, 2.6), colour="accent1", outline="wave"),
        *MARK,
    ),
    sidebar_art=(
        Art(rect=(0.0, 0.0, PANEL_IN, 7.5), colour="tx2"),
        Art(rect=(PANEL_IN, 0, 0.1, 7.5), colour="accent3"),
    ),
    footer="Wendle Rivers Trust  |  The Wendle, five years on",
)


def build() -> Deck:
    slides = Slides(DESIGN, "The Wendle, five years on", "Wendle Rivers Trust")
    slides.cover("The Wendle, five years on", "What restoring 31 kilometres of river has taught us")
    slides.text(
        "What a living river needs",
        "Clean, cold water",
        "Loose gravel to spawn in",
        "Shade from old trees",
        "Room to flood",
        "People who notice",
    )
    slides.text(
        "What has changed since 2021",
        "Three weirs gone, 31 kilometres open to fish",
        "Eleven pools dug on the floodplain",
        "Trout have returned above Ford Bridge",
        "\tThe first spawning on record since 1968",
        "Summer water runs 1.4 °C cooler under the alders",
    )
    _works(slides)
    _findings(slides)
    _people(slides)
    slides.cover("Thank you", "Walk it with us: the first Sunday of every month, 10:00, Ford Bridge")
    return slides.deck


def _works(slides: Slides) -> None:
    slides.section("The works", "Three weirs, two mills and one very patient farmer")
    slides.picture(
        "Taking out Miller’s Weir",
        "Two metres of concrete from 1931, long without a mill",
        "Lowered over three weeks, so that the silt could settle",
        "Salmon seen upstream eleven days later",
        "The millpond is now a wet meadow with a boardwalk",
    )
    slides.steps(
        "How a weir comes out",
        "Survey the fish, the silt and the wells",
        "Agree a plan with every neighbour",
        "Lower the crest a hand’s breadth at a time",
        "Plant the bare banks before winter",
    )
    slides.columns(
        "One river, two characters",
        (
            "The upper Wendle",
            "Steep, quick and stony",
            "Fed by springs that never run dry",
            "Trout, bullhead and dipper",
            "Grazed to the edge until 2022, now fenced on both sides",
            "Needs trees more than anything else",
        ),
        ("The lower Wendle", "Slow, deep and straightened", "Pike, perch and kingfisher"),
    )


def _findings(slides: Slides) -> None:
    slides.sidebar(
        "Home-grown trees",
        "Alder, willow and black poplar from local seed",
        "9,400 saplings planted out",
        "Two school classes look after each bed",
        "Four in five trees survive their first summer",
    )
    slides.statement(
        "Give a river room, and it does the work itself.",
        "Ada Marlowe, river warden 1987 to 2024",
        (3.37, 4.2, 6.6, 1.5),
    )
    _trout(slides)
    water = slides.table(
        "The water at Ford Bridge",
        (
            ("July mean", "2021", "2026"),
            ("Temperature, °C", "19.8", "18.4"),
            ("Oxygen, mg/l", "6.9", "8.7"),
            ("Phosphate, mg/l", "0.21", "0.09"),
        ),
        (0.85, 1.85, 5.6, 1.9),
        size_pt=16,
    )
    _widen_first_column(water)
    slides.note(water, (0.75, 3.95, 5.7, 0.5), "Measured hourly by the logger below the footbridge.")


def _trout(slides: Slides) -> None:
    trout = slides.chart(
        "Trout above Ford Bridge",
        XL_CHART_TYPE.COLUMN_CLUSTERED,
        ("2022", "2023", "2024", "2025", "2026"),
        {"Fish per 100 metres": (0, 2, 5, 11, 18)},
        (0.75, 1.75, 4.5, 2.6),
    )
    shapes: Any = trout.shapes  # python-pptx types a shape by none of its kinds
    chart = next(shape for shape in shapes if shape.has_chart).chart
    chart.has_title, chart.value_axis.visible, chart.value_axis.has_major_gridlines = False, False, False
    plot = chart.plots[0]
    plot.gap_width, plot.has_data_labels = 60, True
    plot.data_labels.number_format, plot.data_labels.number_format_is_linked = "0", False
    slides.note(
        trout,
        (0.75, 4.45, 4.6, 0.8),
        "Fish per 100 metres, counted each September in the same four reaches",
    )


def _widen_first_column(slide: Slide) -> None:
    shapes: Any = slide.shapes
    first, *others = next(shape for shape in shapes if shape.has_table).table.columns
    first.width += sum(column.width // 4 for column in others)
    for column in others:
        column.width -= column.width // 4


def _people(slides: Slides) -> None:
    otters = slides.text(
        "The otters are back",
        "First tracks at the old mill, March 2024",
        "A female with two cubs since last autumn",
        "They fish below the boardwalk, even by day",
        "Please watch quietly",
    )
    slides.stand_in(otters, (7.45, 1.85, 5.13, 4.55), "[Image here]")
    slides.other_side(
        "With the farms, not against them",
        "Fences and drinking troughs paid for by the trust",
        "Cattle cross by two new fords",
        "Floods now stop in the meadow, not in the barn",
        "Seven of nine farms have signed for ten years",
    )
    slides.text(
        "What still worries us",
        "Storm overflows at Easton spilled on 41 days last year; the tank promised for 2025 is not yet begun",
        "Signal crayfish have reached the second weir, and no method is known that turns them back for good",
        "The springs fell dry for nine days in August 2025, while licences still allow more than is drawn",
        "Our grant for wardens ends in March 2028; without them nobody checks fences, loggers and fish by winter",
        "Two neighbours want their millpond back; we have offered a bypass channel",
    )
