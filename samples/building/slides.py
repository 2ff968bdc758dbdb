"""Slides in a person's order: one call a slide, text that inherits all its looks, notes, tables and charts."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION
from pptx.enum.dml import MSO_LINE_DASH_STYLE, MSO_THEME_COLOR
from pptx.enum.text import MSO_ANCHOR, MSO_AUTO_SIZE, PP_ALIGN
from pptx.oxml import parse_xml
from pptx.oxml.ns import qn
from pptx.parts.chart import ChartPart
from pptx.presentation import Presentation as Deck
from pptx.shapes.autoshape import Shape
from pptx.slide import Slide
from pptx.text.text import TextFrame
from pptx.util import Inches, Pt

from samples.building.art import NAMESPACES, Rect
from samples.building.design import Design, empty_deck, layouts_by_name

MADE = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


class Slides:
    """A deck that grows by one slide a call. A line that starts with a tab is a second-level item."""

    def __init__(self, design: Design, title: str, author: str) -> None:
        self.design = design
        self.deck: Deck = empty_deck(design, title, author, MADE)
        self._layouts = layouts_by_name(self.deck, design)

    def cover(self, title: str, subtitle: str) -> Slide:
        return self._add("title", title, (subtitle,), has_number=False)

    def section(self, title: str, subtitle: str) -> Slide:
        return self._add("section", title, (subtitle,), has_number=False)

    def text(self, title: str, *lines: str, notes: str = "") -> Slide:
        """Add text to one side; the other is free."""
        return self._add("text", title, lines, notes=notes)

    def other_side(self, title: str, *lines: str, notes: str = "") -> Slide:
        """Add the same, mirrored."""
        return self._add("other_side", title, lines, notes=notes)

    def picture(self, title: str, *lines: str, notes: str = "") -> Slide:
        """Add text to one side; to the other a picture placeholder that nobody has filled yet."""
        return self._add("picture", title, lines, notes=notes)

    def columns(self, title: str, left: Sequence[str], right: Sequence[str]) -> Slide:
        """Add two columns; the first line of each is its heading."""
        slide = self._add("columns", title, left[:1])
        for index, lines in ((2, left[1:]), (3, right[:1]), (4, right[1:])):
            self._write(slide.placeholders[index].text_frame, lines)
        return slide

    def sidebar(self, title: str, *lines: str) -> Slide:
        """Add title and text on the panel the layout paints at one side."""
        return self._add("sidebar", title, lines)

    def steps(self, title: str, *lines: str) -> Slide:
        """Add a numbered list."""
        slide = self._add("text", title, lines)
        for paragraph in slide.placeholders[1].text_frame.paragraphs:
            properties = paragraph._p.get_or_add_pPr()  # noqa: SLF001  no public door to a list's numbers
            properties.set("marL", str(Inches(0.5)))
            properties.set("indent", str(-Inches(0.5)))
            properties.append(parse_xml(f'<a:buFont {NAMESPACES} typeface="+mj-lt"/>'))
            properties.append(parse_xml(f'<a:buAutoNum {NAMESPACES} type="arabicPeriod"/>'))
        return slide

    def statement(self, text: str, source: str, rect: Rect) -> Slide:
        """Add a sentence in the middle of a dark slide, and below it who said it."""
        slide = self._add("title_only", text, (), has_number=False)
        slide.background.fill.solid()
        slide.background.fill.fore_color.theme_color = MSO_THEME_COLOR.TEXT_2
        sentence: Any = slide.shapes.title
        left, top, width, height = (Inches(length) for length in rect)
        sentence.left, sentence.top, sentence.width, sentence.height = left, top, width, height
        below = (rect[0], rect[1] + rect[3], rect[2], 0.5)
        for shape, size_pt, colour in (
            (sentence, 36, MSO_THEME_COLOR.BACKGROUND_1),
            (self.note(slide, below, source), 18, MSO_THEME_COLOR.ACCENT_3),
        ):
            for paragraph in shape.text_frame.paragraphs:
                paragraph.alignment = PP_ALIGN.CENTER
                paragraph.runs[0].font.size = Pt(size_pt)
                paragraph.runs[0].font.color.theme_color = colour
        return slide

    def note(self, slide: Slide, rect: Rect, *lines: str, size_pt: int = 16) -> Shape:
        """Add a text box of small print."""
        box = slide.shapes.add_textbox(*(Inches(length) for length in rect))
        box.text_frame.word_wrap = True
        self._write(box.text_frame, lines)
        for paragraph in box.text_frame.paragraphs:
            paragraph.runs[0].font.size = Pt(size_pt)
        return box

    def stand_in(self, slide: Slide, rect: Rect, text: str) -> None:
        """Add the dashed box by which a person says that a picture is still to come."""
        box = self.note(slide, rect, text, size_pt=18)
        box.text_frame.auto_size, box.text_frame.vertical_anchor = MSO_AUTO_SIZE.NONE, MSO_ANCHOR.MIDDLE
        box.text_frame.paragraphs[0].alignment = PP_ALIGN.CENTER
        box.line.color.theme_color = MSO_THEME_COLOR.ACCENT_6
        box.line.dash_style = MSO_LINE_DASH_STYLE.DASH

    def table(self, title: str, rows: Sequence[Sequence[str]], rect: Rect, size_pt: int = 18) -> Slide:
        slide = self._add("title_only", title, ())
        table = slide.shapes.add_table(len(rows), len(rows[0]), *(Inches(length) for length in rect)).table
        for row, texts in enumerate(rows):
            for column, text in enumerate(texts):
                cell = table.cell(row, column)
                cell.vertical_anchor = MSO_ANCHOR.MIDDLE
                self._write(cell.text_frame, (text,))
                cell.text_frame.paragraphs[0].runs[0].font.size = Pt(size_pt)
        return slide

    def chart(
        self, title: str, kind: XL_CHART_TYPE, categories: Sequence[str], series: dict[str, Sequence[float]], rect: Rect
    ) -> Slide:
        """Add a chart that has its slide to itself."""
        slide = self._add("title_only", title, ())
        self.add_chart(slide, kind, categories, series, rect)
        return slide

    def add_chart(
        self,
        slide: Slide,
        kind: XL_CHART_TYPE,
        categories: Sequence[str],
        series: dict[str, Sequence[float]],
        rect: Rect,
    ) -> None:
        data: Any = CategoryChartData(number_format="0.0")  # type: ignore[no-untyped-call]
        data.categories = list(categories)
        for name, values in series.items():
            data.add_series(name, values)
        shapes: Any = slide.shapes
        chart = shapes.add_chart(kind, *(Inches(length) for length in rect), data).chart
        _make_axis_ids_positive(chart.part)
        chart.has_legend = len(series) > 1 or kind == XL_CHART_TYPE.DOUGHNUT
        if chart.has_legend:
            chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
        chart.font.size = Pt(14)

    def hide(self, slide: Slide) -> None:
        slide.element.set("show", "0")

    def _add(self, layout: str, title: str, lines: Sequence[str], *, notes: str = "", has_number: bool = True) -> Slide:
        slide: Slide = self.deck.slides.add_slide(self._layouts[layout])
        assert slide.shapes.title is not None  # noqa: S101  every layout has one
        self._write(slide.shapes.title.text_frame, (title,))
        if lines:
            text_index = 2 if layout in ("picture", "sidebar") else 1
            self._write(slide.placeholders[text_index].text_frame, lines)
        if notes:
            frame = slide.notes_slide.notes_text_frame
            assert frame is not None  # noqa: S101  python-pptx's notes slide always has one
            self._write(frame, notes.split("\n"), language=_language_of(notes))
        if has_number:
            self._foot(slide)
        return slide

    def _write(self, frame: TextFrame, lines: Sequence[str], language: str = "") -> None:
        """One paragraph a line, every run marked with its language, as PowerPoint does while a person types."""
        for index, line in enumerate(lines):
            paragraph = frame.paragraphs[0] if index == 0 else frame.add_paragraph()  # type: ignore[no-untyped-call]
            if line.startswith("\t"):
                paragraph.level = 1
            if self.design.is_rtl:
                properties = paragraph._p.get_or_add_pPr()  # noqa: SLF001  no public door to rtl
                properties.set("algn", "r")
                properties.set("rtl", "1")
            run = paragraph.add_run()
            run.text = line.lstrip("\t")
            run._r.get_or_add_rPr().set("lang", language or self.design.language)  # noqa: SLF001  nor to lang

    def _foot(self, slide: Slide) -> None:
        """Copy the placeholders of footer line and slide number, which python-pptx leaves on the layout."""
        texts = {"ftr": self.design.footer, "sldNum": str(len(self.deck.slides))}
        placeholders: Any = slide.slide_layout.placeholders  # python-pptx types its iteration wrongly
        shapes: Any = slide.shapes
        for shape in placeholders:
            if text := texts.get(shape.element.find(f".//{qn('p:ph')}").get("type")):
                copy = deepcopy(shape.element)
                identity = copy.find(f".//{qn('p:cNvPr')}")
                identity.set("id", str(max(shape.shape_id for shape in shapes) + 1))
                shapes._spTree.append(copy)  # noqa: SLF001
                if (field := copy.find(f".//{qn('a:t')}")) is not None:
                    field.text = text
                else:
                    self._write(shapes[-1].text_frame, (text,))


def _make_axis_ids_positive(part: ChartPart) -> None:
    """Rewrite python-pptx's fixed axis ids: the schema wants them unsigned, and it writes two negative ones."""
    for tag in ("c:axId", "c:crossAx"):
        for axis in part._element.iter(qn(tag)):  # noqa: SLF001  no public door to a chart's XML
            axis.set("val", axis.get("val").lstrip("-"))


def _language_of(notes: str) -> str:
    """Tell English notes, which are for the tool, from those in the deck's own language ("")."""
    return "en-US" if notes.isascii() else ""
