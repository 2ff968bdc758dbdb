"""What a service made is in the store before anyone asks whether it is a picture, and is told to the history."""

from __future__ import annotations

from contextlib import closing

import pytest

from pipeline.config.settings import Budget
from pipeline.engine.clock import StopSignal
from pipeline.errors import FailureKind, FileAccessError, ServiceError
from pipeline.records import CallKind, GeneratedImage, ImageRequest, Request
from pipeline.records.history import AttemptState, RunRecord, RunState
from pipeline.runs.painting import Painter, PictureOrder
from pipeline.runs.spending.budgets import Account
from pipeline.runs.spending.ledger import Ledger
from pipeline.store.history import open_history
from pipeline.store.keeping import Store
from tests.builders import THEME
from tests.clocks import ManualClock
from tests.fakes.pictures import picture

KITE = GeneratedImage(data=picture("a kite", 64, 64), provider="alpha", model="one", cost_usd=0.1)
NO_PICTURE = GeneratedImage(data=b"I am sorry", provider="alpha", model="one", cost_usd=0.1)
ORDER = PictureOrder(
    slide_number=2,
    request=ImageRequest(
        prompt="a kite", subject="a kite", aspect_ratio=1.0, width_px=64, style="flat", theme=THEME, seed=1
    ),
)


class Happenings(Store):
    """A store that writes into a list, which others write into too, what happens to pictures."""

    def __init__(self, *given, happened, **named):
        super().__init__(*given, **named)
        self.happened = happened

    def keep_picture(self, request, image):
        kept = super().keep_picture(request, image)
        assert kept.path.read_bytes() == image.data
        self.happened.append("kept")
        return kept

    def discard_picture(self, request):
        super().discard_picture(request)
        self.happened.append("discarded")


class Alpha:
    """A service that brings what it is told to, and writes into the list what it is told."""

    name, model = "alpha", "one"

    def __init__(self, happened, *brings):
        self.happened, self.brings = happened, list(brings)

    def request(self, request):
        return Request(kind=CallKind.IMAGE, service=self.name, model=self.model, prompt=request.prompt)

    def generate(self, request, timeout_s):
        self.happened.append("asked")
        return self.brings.pop(0)

    def is_on_order(self, request):
        return False

    def settled(self, request):
        self.happened.append("settled")

    def estimate_usd(self, aspect_ratio, width_px):
        return 0.05


class Studio:
    def __init__(self, folder, history, *brings):
        self.happened, self.clock, self.history = [], ManualClock(), history
        stop = StopSignal()
        self.store = Happenings(folder / "store", owner="r", now=self.clock.now, happened=self.happened)
        self.painter = Painter(
            provider=Alpha(self.happened, *brings),
            store=self.store,
            ledger=Ledger(history, Budget(), Account(run_id="r"), self.clock, stop),
            clock=self.clock,
            stop=stop,
        )
        history.begin_run(RunRecord(id="r", state=RunState.PENDING, created=self.clock.now()))


@pytest.fixture
def history(tmp_path):
    with closing(open_history(None, tmp_path, now=ManualClock().now, warn=pytest.fail)) as opened:
        yield opened


def test_a_picture_is_kept_then_its_order_is_settled_and_the_history_knows_it(tmp_path, history):
    studio = Studio(tmp_path, history, KITE)
    made = studio.painter.paint(ORDER, 10.0)
    assert studio.happened == ["asked", "kept", "settled"]
    assert (made.data, made.cost_usd, made.saved_usd, made.picture.size) == (KITE.data, 0.1, 0.0, (64, 64))
    (attempt,) = history.attempts("r")
    assert (attempt.state, attempt.cost_usd, attempt.reserved_usd) == (AttemptState.SUCCESS, 0.1, 0.05)
    assert (attempt.response.hash, attempt.response.width_px) == (made.hash, 64)


def test_what_is_no_picture_is_kept_before_it_is_looked_at_and_forgotten_after(tmp_path, history):
    """So that what kills the program while it decodes a picture takes none with it."""
    studio = Studio(tmp_path, history, NO_PICTURE)
    with pytest.raises(ServiceError) as caught:
        studio.painter.paint(ORDER, 10.0)
    assert (caught.value.kind, caught.value.cost_usd) == (FailureKind.EMPTY, 0.1)
    assert studio.happened == ["asked", "kept", "settled", "discarded"]
    assert studio.painter.kept(ORDER) is None
    (attempt,) = history.attempts("r")
    assert (attempt.state, attempt.error_kind, attempt.cost_usd) == (AttemptState.ERROR, "empty", 0.1)


def test_what_was_made_once_costs_nothing_and_says_what_it_saved(tmp_path, history):
    studio = Studio(tmp_path, history, KITE)
    studio.painter.paint(ORDER, 10.0)
    kept = studio.painter.kept(ORDER)
    assert (kept.data, kept.cost_usd, kept.saved_usd) == (KITE.data, 0.0, 0.1)


def test_what_is_in_the_store_and_no_picture_is_made_anew(tmp_path, history):
    """As where an earlier program took for a picture what this one does not."""
    studio = Studio(tmp_path, history, KITE)
    studio.store.keep_picture(studio.painter.provider.request(ORDER.request), NO_PICTURE)
    assert studio.painter.kept(ORDER) is None
    assert studio.painter.paint(ORDER, 10.0).data == KITE.data


def test_an_order_that_could_not_be_kept_stays_open(tmp_path, history):
    """The next run goes on with it where the service lets it."""

    class Full(Happenings):
        def keep_picture(self, request, image):
            raise FileAccessError("disk full")

    studio = Studio(tmp_path, history, KITE)
    full = Full(tmp_path / "store", owner="r", now=studio.clock.now, happened=studio.happened)
    painter = Painter(
        provider=studio.painter.provider,
        store=full,
        ledger=studio.painter.ledger,
        clock=studio.clock,
        stop=StopSignal(),
    )
    with pytest.raises(FileAccessError):
        painter.paint(ORDER, 10.0)
    assert studio.happened == ["asked"]
