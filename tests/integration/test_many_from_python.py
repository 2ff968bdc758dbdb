"""Many decks from Python: the same as from the shell."""

from __future__ import annotations

from pipeline import ExitCode, Settings, illustrate_decks
from tests.integration.happenings import calls


def test_many_decks_are_made_and_told_of(services, make_deck, tmp_path):
    decks, heard = tmp_path / "decks", []
    decks.mkdir()
    make_deck(1).rename(decks / "a.pptx")
    (decks / "draft.pptx").write_bytes(b"no deck")
    settings = Settings.model_validate(
        {"workers": {"prompt_delay_s": 0, "image_delay_s": 0}, "layout": {"max_px_per_in": 50}}
    )
    report = illustrate_decks(
        [decks],
        tmp_path / "made",
        exclude=["draft*"],
        settings=settings,
        heard=lambda outcome, report: heard.append((outcome, report.exit_code)),
    )
    assert report.exit_code is ExitCode.OK
    assert [(deck.output, deck.illustrated) for deck in report.decks] == [(str(tmp_path / "made" / "a.pptx"), 1)]
    assert heard == [(report.decks[0], ExitCode.OK)]
    again = illustrate_decks([decks], tmp_path / "made", settings=settings)
    assert (again.exit_code, len(again.decks)) == (ExitCode.BAD_DECK, 2)
    assert calls(services) == (1, 1)
