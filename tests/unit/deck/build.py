"""Small decks for the tests of `deck/`: python-pptx builds them, raw XML adds what it cannot."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

from lxml import etree
from PIL import Image
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.opc.package import Part
from pptx.opc.packuri import PackURI
from pptx.presentation import Presentation as OpenPresentation
from pptx.slide import Slide as OpenSlide

from pipeline.deck.ooxml import NAMESPACES
from pipeline.deck.package.parts import Package
from pipeline.deck.reading import read_deck
from pipeline.records import Box, Deck, Slide, SlideShape

TITLE_SLIDE, TITLE_AND_CONTENT, TITLE_ONLY, BLANK, PICTURE_WITH_CAPTION = 0, 1, 5, 6, 8
"""Layouts of python-pptx's own template: 10 by 7.5 inches, Office theme, no art."""

PATH = Path("talk.pptx")


def deck(*layouts: int) -> OpenPresentation:
    presentation = Presentation()
    for layout in layouts or (BLANK,):
        presentation.slides.add_slide(presentation.slide_layouts[layout])
    return presentation


def only(presentation: OpenPresentation) -> OpenSlide:
    return presentation.slides[0]


def read(presentation: OpenPresentation) -> Deck:
    return read_deck(PATH, opened(presentation))


def opened(presentation: OpenPresentation) -> Package:
    """The deck as our own package, saved to a file without a name."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 -- the package closes it
    presentation.save(file)
    return Package(file)


def read_only(presentation: OpenPresentation) -> Slide:
    return read(presentation).slides[0]


def add_xml(slide: OpenSlide, xml: str) -> None:
    """Append shapes given as XML to the shape tree; the usual prefixes are declared."""
    declared = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())
    for element in etree.fromstring(f"<wrapped {declared}>{xml}</wrapped>"):
        slide.shapes._spTree.append(element)


def text_box(
    name: str, left: int, top: int, width: int, height: int, text: str = "", xfrm: str = "", run: str = ""
) -> str:
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="7" name="{name}"/><p:cNvSpPr txBox="1"/><p:nvPr/></p:nvSpPr>'
        f'<p:spPr><a:xfrm {xfrm}><a:off x="{left}" y="{top}"/><a:ext cx="{width}" cy="{height}"/></a:xfrm></p:spPr>'
        f"<p:txBody><a:bodyPr/><a:p><a:r><a:rPr {run}/><a:t>{text}</a:t></a:r></a:p></p:txBody></p:sp>"
    )


def group(
    off: tuple[int, int], ext: tuple[int, int], child: tuple[int, int, int, int], inside: str, xfrm: str = ""
) -> str:
    return (
        f'<p:grpSp><p:nvGrpSpPr><p:cNvPr id="8" name="Group"/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr>'
        f'<a:xfrm {xfrm}><a:off x="{off[0]}" y="{off[1]}"/><a:ext cx="{ext[0]}" cy="{ext[1]}"/>'
        f'<a:chOff x="{child[0]}" y="{child[1]}"/><a:chExt cx="{child[2]}" cy="{child[3]}"/></a:xfrm></p:grpSpPr>'
        f"{inside}</p:grpSp>"
    )


def alternatives(choice: str, fallback: str) -> str:
    branches = f'<mc:Choice Requires="p14">{choice}</mc:Choice><mc:Fallback>{fallback}</mc:Fallback>'
    return f"<mc:AlternateContent>{branches}</mc:AlternateContent>"


def graphic_frame(uri: str, inside: str) -> str:
    return (
        '<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id="9" name="Frame"/><p:cNvGraphicFramePr/><p:nvPr/>'
        '</p:nvGraphicFramePr><p:xfrm><a:off x="100" y="200"/><a:ext cx="300" cy="400"/></p:xfrm>'
        f'<a:graphic><a:graphicData uri="{uri}">{inside}</a:graphicData></a:graphic></p:graphicFrame>'
    )


def relate(slide: OpenSlide, name: str, xml: str) -> str:
    """Give the slide a part that holds `xml`; the relationship's id."""
    part = Part(PackURI(f"/ppt/{name}.xml"), "application/xml", slide.part.package, xml.encode())
    return slide.part.relate_to(part, f"http://example.org/{name}")


def shape_named(slide: Slide, name: str) -> SlideShape:
    return next(shape for shape in slide.shapes if shape.name == name)


def box(left: int, top: int, width: int, height: int) -> Box:
    return Box(left_emu=left, top_emu=top, width_emu=width, height_emu=height)


def chart_data(names: list[str], *series: str) -> CategoryChartData:
    data = CategoryChartData()
    data.categories = names
    for one in series:
        data.add_series(one, range(len(names)))
    return data


def png() -> BytesIO:
    data = BytesIO()
    Image.new("RGB", (8, 6), "teal").save(data, "PNG")
    data.seek(0)
    return data


def saved(presentation: OpenPresentation, path: Path) -> Path:
    presentation.save(str(path))
    return path


def rewritten(path: Path, changes: Mapping[str, bytes | None]) -> Path:
    """The archive with some parts replaced, or left out where the change is None."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in (parts | dict(changes)).items():
            if data is not None:
                archive.writestr(name, data)
    return path


def part(path: Path, name: str) -> bytes:
    with zipfile.ZipFile(path) as archive:
        return archive.read(name)
