"""What the tests of failures share: who a call was for, what a run left on disk, what a deck holds."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

from pptx import Presentation
from pptx.opc.constants import CONTENT_TYPE
from pptx.presentation import Presentation as OpenPresentation
from pptx.shapes.base import BaseShape
from pptx.shapes.picture import Picture

from pipeline.deck.package.parts import MAIN_TYPES
from pipeline.deck.pictures.marks import read_mark
from pipeline.store.shelf import StoreFolders
from tests.fakes import AnthropicServer, anthropic_faults
from tests.fakes.wire import Json, Request

QUICK = "workers: {prompt_delay_s: 0, image_delay_s: 0}\n"
LENIENT = QUICK + "gate: {min_success_rate: 0.5}\n"
"""The gate stays open while half of the slides succeed."""

# Kept beside a run's output whatever happens; the second is the `run` fixture's own.
WORK, CONFIG = "out.work", "illustrate.yaml"
NOTHING_DELIVERED = {"deck.pptx", CONFIG, WORK}

KITE = "A red kite above a wide green valley in the morning"
BOAT = "A white boat on a calm blue lake at noon"


def timed(seconds: float) -> str:
    """Settings with little time for a call and a gate that half of the slides pass."""
    times = f"prompt_timeout_s: {seconds}, image_timeout_s: {seconds}"
    return f"workers: {{prompt_delay_s: 0, image_delay_s: 0, {times}}}\ngate: {{min_success_rate: 0.5}}\n"


def told(body: Json) -> str:
    """What a call told Claude of its slide: the last block, which alone differs from slide to slide."""
    return str(body["messages"][-1]["content"][-1]["text"])


def for_slide(number: int) -> Callable[[Json], bool]:
    """Is this call to Claude about slide `number` of a deck from `make_deck`?"""
    return lambda body: f"Stage {number - 1} of a river" in told(body)


def calls_for(claude: AnthropicServer, number: int) -> list[str]:
    """What Claude was told of slide `number`, call by call."""
    return [told(request.body) for request in claude.requests if for_slide(number)(request.body)]


def gap_s(requests: tuple[Request, ...]) -> float:
    """Seconds from the first call to the second; there are two."""
    first, second = requests
    return second.at_s - first.at_s


def picturing(subject: str) -> Callable[[Json], bool]:
    """Is this call to the image service for `subject`?"""
    return lambda body: subject in body["prompt"]


def give_subjects(claude: AnthropicServer, subjects: dict[int, str]) -> None:
    """Let Claude answer with a subject of the test's own, by slide number, so that its image call is known."""
    for number, subject in subjects.items():
        claude.faults.when(for_slide(number), anthropic_faults.answering_with(prompt=subject))


def slides_of(path: Path) -> list[list[BaseShape]]:
    """The top shapes of each slide."""
    return [list(slide.shapes) for slide in presentation_of(path).slides]


def presentation_of(path: Path) -> OpenPresentation:
    """The deck as python-pptx opens it. Shows and templates, which it refuses, differ in the main part's type alone."""
    plain = BytesIO()
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(plain, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name == "[Content_Types].xml":
                for content_type in MAIN_TYPES:
                    data = data.replace(
                        f'"{content_type}"'.encode(), f'"{CONTENT_TYPE.PML_PRESENTATION_MAIN}"'.encode()
                    )
            target.writestr(name, data)
    return Presentation(plain)


def our_pictures(path: Path) -> dict[int, Picture]:
    """Slide number -> our picture on it."""
    return {
        number: shape for number, shapes in enumerate(slides_of(path), 1) for shape in shapes if read_mark(shape.name)
    }


def parts_of(path: Path) -> dict[str, bytes]:
    """Every member of a deck's zip file, in its order."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def leaves(shapes: list[BaseShape]) -> Iterator[BaseShape]:
    """Every shape, those inside groups included, the groups themselves too."""
    for shape in shapes:
        yield shape
        yield from leaves(list(getattr(shape, "shapes", ())))


def names_in(folder: Path) -> set[str]:
    """What stands in `folder`, hidden files included."""
    return {path.name for path in folder.iterdir()}


def store() -> Path:
    """Where the program's store stands in a test, whose surroundings give it a folder of its own."""
    return Path(os.environ["DECK_ILLUSTRATOR_HOME"]) / "store"


def kept_images() -> list[Path]:
    """The pictures in the store, beside which their records lie; a half-written one would show here by its name."""
    folder = StoreFolders(store()).pictures
    return sorted(path for path in folder.iterdir() if path.suffix != ".json") if folder.is_dir() else []
