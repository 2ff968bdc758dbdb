"""What it costs to plan pictures, and to put them into decks of many slides beside python-pptx's own way.

    python -m tests.benchmarks.placing [--short] [--decks FOLDER]

First reading and planning, deck by deck (see `reading`). Then one distinct JPEG of 250 KB a slide, from opening a deck
to the saved file, beside python-pptx's `add_picture` and `save`. Each case is measured in a process of its own, so that
its peak memory is its own. `--short` runs small decks and only what can be asserted there.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from io import BytesIO
from itertools import product
from pathlib import Path

from PIL import Image
from pptx import Presentation
from pptx.util import Emu

from pipeline.deck.package.opening import open_deck
from pipeline.deck.package.saving import deliver
from pipeline.deck.writing import DeckFile
from pipeline.records import Box, FittedPicture, PictureFinish, Slot, SlotKind
from tests.benchmarks.reading import reading_complaints, reading_table, readings

SAMPLES = Path(__file__).parents[2] / "samples"
OURS, STOCK = "ours", "python-pptx"
ROUNDS = 4
"""The best of so many is taken: what a disk or a neighbour adds says nothing of the program."""
LONG, SHORT = (100, 500, 1_000, 2_000), (100, 300)
PICTURE_BYTES = 250_000
BOX = Box(left_emu=914_400, top_emu=914_400, width_emu=3_657_600, height_emu=2_743_200)

MOST_GROWTH, MOST_GROWTH_SHORT = 1.15, 1.5
"""Seconds a slide of the largest deck by those of the smallest; `--short`, in a busy CI, can only tell the worst."""
LEAST_GAIN = 8
"""Times faster than python-pptx at 2,000 slides."""
MOST_MEMORY_SHARE = 0.25
"""What memory may grow by from the smallest deck to the largest, of the bytes of the pictures in between."""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One case: who inserted and saved, into how many slides, in which time and memory."""

    who: str
    slides: int
    seconds: float
    cpu_seconds: float
    peak_bytes: int

    def per_slide(self, *, of_the_processor: bool = False) -> float:
        """Seconds, of the clock or of the processor: where neighbours work too, as in CI, the clock tells of them."""
        return (self.cpu_seconds if of_the_processor else self.seconds) / self.slides


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--short", action="store_true", help="two small decks, for every change")
    parser.add_argument("--case", nargs=4, metavar=("WHO", "SLIDES", "DECK", "TIMES"), help=argparse.SUPPRESS)
    parser.add_argument("--decks", type=Path, default=SAMPLES, metavar="FOLDER", help="what is read and planned")
    parser.add_argument("--only", default="*", metavar="PATTERN", help="of those, the ones with such a name")
    options = parser.parse_args()
    if options.case:
        who, slides, deck, times = options.case
        print(json.dumps(asdict(measure(who, int(slides), Path(deck), int(times)))))
        return 0
    read = readings(options.decks, options.only)
    print(reading_table(read), end="\n\n")
    measured = insertions(SHORT if options.short else LONG)
    print(insertion_table(measured))
    complaints = [*([] if options.short else reading_complaints(read)), *insertion_complaints(measured)]
    print("\n".join(complaints))
    return 1 if complaints else 0


def insertions(sizes: Sequence[int]) -> list[Measured]:
    """Every case, the best of its rounds; a round goes through all sizes, so that a slow minute hits them alike.

    Ours does small decks so often that each size takes as long: a short run is more often a lucky one.
    """
    best: dict[tuple[str, int], Measured] = {}
    with tempfile.TemporaryDirectory() as folder:
        decks = {slides: build_deck(Path(folder) / f"{slides}.pptx", slides) for slides in sizes}
        for number in range(ROUNDS):
            for (slides, deck), who in product(decks.items(), INSERTERS):
                if number and who != OURS and slides > SHORT[-1]:
                    continue  # a minute each: once is enough to be eight times slower
                one = in_own_process(who, slides, deck, times=max(sizes) // slides if who == OURS else 1)
                best[who, slides] = min(best.get((who, slides), one), one, key=lambda measured: measured.seconds)
    return list(best.values())


def insertion_table(measured: Sequence[Measured]) -> str:
    """Markdown: a row a size, ours beside python-pptx's."""
    columns = (
        "slides",
        "ours, ms a slide",
        "of the processor",
        "python-pptx, ms a slide",
        "times faster",
        "ours, peak MB",
        "python-pptx, peak MB",
    )
    rows = [" | ".join(columns), " | ".join("---" for _ in columns)]
    for slides in sorted({one.slides for one in measured}):
        ours, theirs = (found(measured, who, slides) for who in INSERTERS)
        cells = (
            f"{slides:,}",
            f"{ours.per_slide() * 1000:.2f}",
            f"{ours.per_slide(of_the_processor=True) * 1000:.2f}",
            f"{theirs.per_slide() * 1000:.2f}",
            f"{theirs.seconds / ours.seconds:.1f}",
            f"{ours.peak_bytes / 1e6:.0f}",
            f"{theirs.peak_bytes / 1e6:.0f}",
        )
        rows.append(" | ".join(cells))
    return "\n".join(f"| {row} |" for row in rows)


def insertion_complaints(measured: Sequence[Measured]) -> list[str]:
    """What is not as it must be, one line each."""
    sizes = sorted({one.slides for one in measured})
    small, large = (found(measured, OURS, slides) for slides in (sizes[0], sizes[-1]))
    is_short = large.slides < LONG[-1]
    growth = large.per_slide(of_the_processor=is_short) / small.per_slide(of_the_processor=is_short)
    memory = large.peak_bytes - small.peak_bytes
    most_memory = MOST_MEMORY_SHARE * PICTURE_BYTES * (large.slides - small.slides)
    complaints = []
    if growth > (MOST_GROWTH_SHORT if is_short else MOST_GROWTH):
        complaints.append(f"a slide of {large.slides} takes {growth:.2f} times what one of {small.slides} does")
    if memory > most_memory:
        complaints.append(f"memory grows by {memory / 1e6:.0f} MB, more than {most_memory / 1e6:.0f}")
    gain = found(measured, STOCK, large.slides).seconds / large.seconds
    if not is_short and gain < LEAST_GAIN:
        complaints.append(f"only {gain:.1f} times faster than python-pptx")
    return complaints


def found(measured: Sequence[Measured], who: str, slides: int) -> Measured:
    return next(one for one in measured if (one.who, one.slides) == (who, slides))


def in_own_process(who: str, slides: int, deck: Path, *, times: int) -> Measured:
    os.sync()  # what the case before left to be written is not this one's
    command = [sys.executable, "-m", "tests.benchmarks.placing", "--case", who, str(slides), str(deck), str(times)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)
    return Measured(**json.loads(answer.stdout))


def measure(who: str, slides: int, deck: Path, times: int) -> Measured:
    picture = noise()
    start, cpu_start = time.perf_counter(), time.process_time()
    for _ in range(times):
        INSERTERS[who](deck, slides, picture)
    seconds, cpu_seconds = (time.perf_counter() - start) / times, (time.process_time() - cpu_start) / times
    peak_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return Measured(who=who, slides=slides, seconds=seconds, cpu_seconds=cpu_seconds, peak_bytes=peak_kib * 1024)


def insert_ours(deck: Path, slides: int, picture: bytes) -> None:
    """As a run does it: opened, each picture put in, saved, reopened, checked, renamed."""
    file = DeckFile(open_deck(deck))
    for number in range(1, slides + 1):
        fitted = FittedPicture(data=distinct(picture, number), extension="jpg", width_px=640, height_px=480)
        slot = Slot(kind=SlotKind.FREE, box=BOX)
        name = f"Illustration {number}"
        file.insert(number, slot, fitted, name=name, alt_text="Noise", finish=PictureFinish())
    deliver(file, deck, deck.with_suffix(".ours.pptx"), may_overwrite=True)
    file.close()


def insert_stock(deck: Path, slides: int, picture: bytes) -> None:
    presentation = Presentation(str(deck))
    edges = [Emu(edge) for edge in (BOX.left_emu, BOX.top_emu, BOX.width_emu, BOX.height_emu)]
    for number, slide in enumerate(presentation.slides, 1):
        slide.shapes.add_picture(BytesIO(distinct(picture, number)), *edges)
    presentation.save(str(deck.with_suffix(".stock.pptx")))


INSERTERS = {OURS: insert_ours, STOCK: insert_stock}


def noise() -> bytes:
    """A JPEG of about 250 KB, which nothing packs further."""
    image = Image.frombytes("RGB", (640, 480), random.Random(1).randbytes(640 * 480 * 3))
    encoded = BytesIO()
    image.save(encoded, "JPEG", quality=80)
    return encoded.getvalue()[:PICTURE_BYTES].ljust(PICTURE_BYTES, b"\0")


def distinct(picture: bytes, number: int) -> bytes:
    """Another picture by its bytes: a number behind the end of the image, where no reader looks."""
    return picture[:-8] + number.to_bytes(8, "big")


def build_deck(path: Path, slides: int) -> Path:
    """A deck of text slides, put together from one slide's parts: python-pptx would take minutes for 2,000."""
    presentation = Presentation()
    first = presentation.slides.add_slide(presentation.slide_layouts[1])
    first.shapes.title.text = "A title"
    first.placeholders[1].text = "\n".join(f"Point {number}, which says something" for number in range(6))
    template = BytesIO()
    presentation.save(template)
    with zipfile.ZipFile(template) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        slide, relations = (source.read(name) for name in (SLIDE.format(1), RELATIONS.format(1)))
        for name in source.namelist():
            target.writestr(name, multiplied(name, source.read(name), slides))
        for number in range(2, slides + 1):
            target.writestr(SLIDE.format(number), slide)
            target.writestr(RELATIONS.format(number), relations)
    return path


SLIDE, RELATIONS = "ppt/slides/slide{}.xml", "ppt/slides/_rels/slide{}.xml.rels"


def multiplied(name: str, data: bytes, slides: int) -> bytes:
    """The three parts that list the slides, with as many of them."""
    if name not in ("[Content_Types].xml", "ppt/presentation.xml", "ppt/_rels/presentation.xml.rels"):
        return data
    kind = b"application/vnd.openxmlformats-officedocument.presentationml.slide+xml"
    reltype = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/slide"
    numbers = range(2, slides + 1)
    overrides = b"".join(
        b'<Override PartName="/%b" ContentType="%b"/>' % (SLIDE.format(number).encode(), kind) for number in numbers
    )
    relations = b"".join(
        b'<Relationship Id="rIdS%d" Type="%b" Target="slides/slide%d.xml"/>' % (number, reltype, number)
        for number in numbers
    )
    ids = b"".join(b'<p:sldId id="%d" r:id="rIdS%d"/>' % (1000 + number, number) for number in numbers)
    for end, more in ((b"</Types>", overrides), (b"</Relationships>", relations), (b"</p:sldIdLst>", ids)):
        data = data.replace(end, more + end)
    return data


if __name__ == "__main__":
    raise SystemExit(main())
