"""A deck that was made before of the very same: nothing is read, asked or drawn again for it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pipeline.asking.places import place_of
from pipeline.config.loader import Configuration
from pipeline.deck.package.saving import check_target, copy_whole
from pipeline.errors import ExitCode
from pipeline.files import file_digest
from pipeline.outcomes import Money, RunReport, RunStatus, SlideOutcome, SlideStatus, StageCount
from pipeline.prompting.templates import load_prohibited, load_templates
from pipeline.records.history import RunRecord, RunState, SlideRecord
from pipeline.runs.keeping import store_folder
from pipeline.runs.past.looking_back import pictures_kept
from pipeline.runs.preparing import Order
from pipeline.runs.services.naming import Naming
from pipeline.runs.targets import target_of
from pipeline.services.catalog import ModelChoice
from pipeline.store.history import History, RunFilter

# The sections that decide what comes out. The others say how a deck is made, where, and what it may cost.
_DECISIVE = {"style", "prompts", "images", "services", "rules", "layout"}


@cache
def _version() -> str:
    """Kept: each telling reads all of the package's metadata."""
    return version("deck-illustrator")


def digest_of(deck: Path) -> str:
    """The SHA-256 of a deck's bytes; "" where it cannot be read, of which reading it will tell."""
    try:
        return file_digest(deck) if deck.is_file() else ""  # a pipe would be waited for
    except OSError:
        return ""


def work_key(order: Order, deck_hash: str, configuration: Configuration) -> str:
    """64 hexadecimal digits: a SHA-256 over all that decides what comes out, the deck's own bytes first.

    Raises as choosing services and loading templates does.
    """
    settings, naming = configuration.settings, Naming(configuration)
    drawing = naming.painters()
    templates = load_templates(settings.prompts.folder)
    parts = {
        "program": _version(),
        "deck": deck_hash,
        "slides": order.slides,
        "settings": settings.model_dump(mode="json", include=_DECISIVE),
        "templates": [templates.key, repr(sorted(templates.styles.items()))],
        "prohibited": load_prohibited(settings.prompts.folder),
        "writer": _told(naming.writer(drawing.choices), configuration),
        "painters": [_told(choice, configuration) for choice in drawing.choices],
        "cards": drawing.has_placeholder,
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """An earlier run of the same work: its report, as if it had been made at `output`, and where its deck stands."""

    report: RunReport
    deck: Path
    output: Path

    @property
    def is_in_place(self) -> bool:
        """True where the output is that deck already."""
        return _is_still(self.output, file_digest(self.deck))

    def put_in_place(self, run_id: str) -> None:
        """Copy the deck to the output. Raises FileAccessError."""
        check_target(self.output, may_overwrite=False)
        copy_whole(self.deck, self.output, may_overwrite=False, owner=run_id)


def done_before(order: Order, deck_hash: str, configuration: Configuration, history: History) -> Earlier | None:
    """An earlier run of the same work whose deck is still as it was, None where there is none.

    `deck_hash` is the SHA-256 of the order's deck, "" where it cannot be read. An order with `force` is always done
    anew. Raises PipelineError as `work_key` does.
    """
    if order.force or not deck_hash:
        return None
    earlier = history.runs(RunFilter(deck=deck_hash, status=RunState.SUCCESS))
    if not earlier:
        return None
    key, output = work_key(order, deck_hash, configuration), target_of(order.input, order.output)
    for run in earlier:
        if run.work_key == key and _is_still(Path(run.output), run.output_hash):
            slides = history.slides(run.id)
            pictures = pictures_kept(store_folder(configuration), {slide.image_hash for slide in slides})
            outcomes = [_outcome(slide, pictures.get(slide.image_hash)) for slide in slides]
            return Earlier(report=_report(order, output, run, outcomes), deck=Path(run.output), output=output)
    return None


def _told(choice: ModelChoice | None, configuration: Configuration) -> Any:
    """A model with all that the catalog says of it and of how it is asked, and where; None: this machine."""
    if choice is None:
        return None
    service = choice.service
    return [
        *(choice.name, choice.route, place_of(configuration.credentials.of(service.service))),
        choice.model.model_dump(mode="json", exclude={"price", "retires"}),
        service.model_dump(mode="json", include={"endpoints", "headers"}),
    ]


def _is_still(path: Path, digest: str) -> bool:
    try:
        return path.is_file() and file_digest(path) == digest
    except OSError:  # what cannot be read is made anew
        return False


def _report(order: Order, output: Path, run: RunRecord, slides: list[SlideOutcome]) -> RunReport:
    count = StageCount(succeeded=run.illustrated)
    return RunReport(
        run_id=run.id,
        status=RunStatus.SUCCESS,
        exit_code=ExitCode.OK,
        input=order.input,
        output=output,
        message=f"It was made by run {run.id} already, of the same deck and settings.",
        planned=run.planned,
        prompts=count,
        images=count,
        money=Money(saved_usd=sum(slide.saved_usd for slide in slides)),
        slides=tuple(slides),
    )


def _outcome(slide: SlideRecord, image: Path | None) -> SlideOutcome:
    return SlideOutcome(
        number=slide.number,
        title=slide.title,
        status=SlideStatus(slide.status),
        reason=slide.reason,
        prompt=slide.prompt,
        alt_text=slide.alt_text,
        provider=slide.provider,
        model=slide.model,
        saved_usd=slide.cost_usd + slide.saved_usd,
        image=image,
    )
