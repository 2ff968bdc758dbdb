"""Pictures of sample slides before and after an offline run: `python -m samples.build_gallery`. Needs LibreOffice.

Writes `before-after/` and `before-after.png` beside this file.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image, ImageOps

from pipeline import PipelineError, Settings, illustrate_deck
from pipeline.deck.rendering import Pages, render_pdfs
from pipeline.outcomes import SlideStatus

FOLDER = Path(__file__).parent
GALLERY = FOLDER / "before-after"
OVERVIEW = FOLDER / "before-after.png"

SLIDE_WIDTH_PX = 640
GAP_PX = 24
OVERVIEW_COLUMNS = 2
OVERVIEW_WIDTH_PX = 1600


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One slide worth showing: `number` from 1, `what` says in the file's name what kind of slide it is."""

    deck: str
    number: int
    what: str


VIEWS = (
    View(deck="river-report", number=2, what="short-bullets"),
    View(deck="river-report", number=3, what="bullets-half-way"),
    View(deck="lecture-4x3", number=4, what="picture-placeholder-4x3"),
    View(deck="river-report", number=7, what="short-column"),
    View(deck="river-report", number=8, what="panel"),
    View(deck="river-report", number=9, what="dark-statement"),
    View(deck="river-report", number=10, what="chart-and-note"),
    View(deck="river-report", number=12, what="image-here"),
    View(deck="river-report", number=6, what="numbered-steps"),
    View(deck="quarterly-review", number=7, what="text-right"),
    View(deck="neural-networks", number=5, what="russian"),
    View(deck="rtl-hebrew", number=3, what="hebrew"),
)


def file_names() -> dict[str, View]:
    """The gallery's files in order, and what each shows."""
    return {f"{place:02}-{view.what}.png": view for place, view in enumerate(VIEWS, 1)}


def build(folder: Path, gallery: Path, overview: Path) -> None:
    """Illustrate the decks in `folder` that VIEWS name, write each view into `gallery` and all into `overview`.

    Raises PipelineError where a deck cannot be illustrated or rendered, or a view's slide gets no picture.
    """
    pages = {deck: _before_and_after(folder / f"{deck}.pptx") for deck in sorted({view.deck for view in VIEWS})}
    if bare := [view for view in VIEWS if view.number not in pages[view.deck]]:
        raise PipelineError(f"no picture on {', '.join(f'{view.deck} {view.number}' for view in bare)}; show others")
    gallery.mkdir(exist_ok=True)
    for old in gallery.glob("*.png"):
        old.unlink()
    pairs = {name: _pair(*pages[view.deck][view.number]) for name, view in file_names().items()}
    for name, pair in pairs.items():
        _save(pair, gallery / name)
    _save(_grid(list(pairs.values())), overview)


def _before_and_after(deck: Path) -> dict[int, tuple[Image.Image, Image.Image]]:
    """The illustrated slides of a deck as they were and as they became."""
    with TemporaryDirectory(prefix="deck-illustrator-") as folder:
        report = illustrate_deck(deck, Path(folder) / deck.name, settings=_settings(Path(folder)))
        if report.output is None:
            raise PipelineError(f"{deck}: {report.message}")
        before, after = (Pages(pdf) for pdf in render_pdfs(deck, report.output))
        numbers = [slide.number for slide in report.slides if slide.status is SlideStatus.ILLUSTRATED]
        return {number: (before[number - 1], after[number - 1]) for number in numbers}


def _settings(folder: Path) -> Settings:
    """Offline, with nothing taken from what is kept for a person: the gallery shows what is drawn today."""
    offline = {"prompts": {"provider": "offline"}, "images": {"provider": "offline"}}
    keeping = {"store": {"folder": folder / "store"}, "history": {"url": str(folder / "history.sqlite")}}
    return Settings.model_validate({**offline, **keeping})


def _pair(before: Image.Image, after: Image.Image) -> Image.Image:
    """Two slides side by side, in a thin frame each, since most slides are as white as the page they are shown on."""
    size = (SLIDE_WIDTH_PX, round(SLIDE_WIDTH_PX * before.height / before.width))
    pair = Image.new("RGB", (2 * size[0] + GAP_PX, size[1]), "white")
    for place, page in enumerate((before, after)):
        framed = ImageOps.expand(page.resize((size[0] - 2, size[1] - 2), Image.Resampling.LANCZOS), 1, "#c8c8c8")
        pair.paste(framed, (place * (size[0] + GAP_PX), 0))
    return pair


def _grid(pairs: list[Image.Image]) -> Image.Image:
    """All pairs, as many in each row as the columns; each fills its cell as far as its shape allows."""
    gap_px = 2 * GAP_PX
    width = (OVERVIEW_WIDTH_PX - (OVERVIEW_COLUMNS - 1) * gap_px) // OVERVIEW_COLUMNS
    height = min(round(width * pair.height / pair.width) for pair in pairs)
    rows = -(-len(pairs) // OVERVIEW_COLUMNS)
    grid = Image.new("RGB", (OVERVIEW_WIDTH_PX, rows * (height + GAP_PX) - GAP_PX), "white")
    for place, pair in enumerate(pairs):
        row, column = divmod(place, OVERVIEW_COLUMNS)
        shown = ImageOps.pad(pair, (width, height), Image.Resampling.LANCZOS, color="white", centering=(0, 0.5))
        grid.paste(shown, (column * (width + gap_px), row * (height + GAP_PX)))
    return grid


def _save(image: Image.Image, path: Path) -> None:
    # The few colours that flat slides and pictures have fit a palette, and small areas keep theirs, as a logo's:
    # no channel is off by more than 10 of 255, in a quarter of the bytes.
    image.quantize(256, Image.Quantize.MAXCOVERAGE, kmeans=1, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    build(FOLDER, GALLERY, OVERVIEW)
