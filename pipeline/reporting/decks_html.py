"""Many decks' report as a page: one file, no script, nothing fetched; for the eye, the ear, the phone, the printer."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import resources

from pipeline.outcomes import DeckOutcome, DecksReport, RunStatus
from pipeline.reporting.cells import counted, money, took
from pipeline.reporting.decks_totals import STATUS_WORDS, DecksTotals, decks_headline, totals_of

_SIGNS = {
    RunStatus.FAILED: "M6 6 12 12M12 6 6 12",
    RunStatus.PARTIAL: "M9 4.5V10M9 13.5H9.01",
    RunStatus.WAITING: "M9 5V9L11.5 11",
    RunStatus.SUCCESS: "M5 9.5 8 12.5 13 6",
    RunStatus.NOTHING_TO_DO: "M5.5 9H12.5",
}
_HINT = "Name a folder, files or a pattern of names that holds .pptx decks; with -r, folders below are searched too."
_MAYBE = "Perhaps: calls that went out and whose answer nobody saw. The service may have charged them."
_BLANK_SLIDE = (
    '<svg viewBox="0 0 136 84" aria-hidden="true"><rect x="2" y="2" width="132" height="80" rx="6"/>'
    '<path d="M16 20H60M16 34H52M16 48H56"/><rect x="76" y="18" width="44" height="48" rx="3" stroke-dasharray="5 5"/>'
    '<path d="M80 60 92 46 100 54 106 49 116 60"/></svg>'
)
# Of a status bar of 1,000, so that one deck of thousands can still be seen.
_LEAST_SHARE, _GAP = 8, 2
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_ROOT = re.compile(r"([A-Za-z][\w+.-]*:)?[/\\]*")
_LAST_SLASH = re.compile(r"[/\\](?=[^/\\]+$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scale:
    """What paths are told relative to, and what bars are measured by: USD and seconds of the dearest, the slowest."""

    source: str
    target: str
    cost_usd: float
    seconds: float


def decks_html(report: DecksReport) -> str:
    """`report` as an HTML page that needs nothing else. Valid UTF-8 whatever the names of decks hold."""
    totals = totals_of(report)
    body = "".join(_body(report, totals) if report.decks else _empty(report))
    style = resources.files("pipeline.reporting").joinpath("decks.css").read_text("utf-8")
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
        'img-src data:">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<link rel="icon" href="data:,">\n'
        f"<title>{decks_headline(totals)} Deck report</title>\n<style>\n{style}</style>\n</head>\n"
        f"<body>\n{body}</body>\n</html>\n"
    )


def _empty(report: DecksReport) -> Iterator[str]:
    yield f'<main class="empty">{_BLANK_SLIDE}<h1>No deck was found.</h1>'
    yield f'<p dir="auto">{_told(report.message or _HINT)}</p></main>\n'


def _body(report: DecksReport, totals: DecksTotals) -> Iterator[str]:
    scale = _Scale(
        source=_common_folder([deck.input for deck in report.decks]),
        target=_common_folder([deck.output for deck in report.decks if deck.output]),
        cost_usd=max(deck.cost_usd for deck in report.decks),
        seconds=max(deck.seconds for deck in report.decks),
    )
    yield f'<header>\n<p class="eyebrow">Deck report, exit code {int(report.exit_code)}</p>\n'
    yield f"<h1>{decks_headline(totals)}</h1>\n"
    yield _folders(scale)
    if report.message:
        yield '<p class="notice" role="note"><strong>Not every deck was begun:</strong> '
        yield f'<bdi dir="auto">{_told(report.message)}</bdi></p>\n'
    yield f"</header>\n<main>\n{_tiles(report, totals)}{_share(totals)}{_contents(totals)}"
    for status in STATUS_WORDS:
        if decks := [deck for deck in report.decks if deck.status is status]:
            yield from _section(status, decks, scale)
    yield f"</main>\n<footer>Money is in US dollars.{' ' + _MAYBE if totals.maybe_usd else ''}</footer>\n"


def _folders(scale: _Scale) -> str:
    rows = [("From", scale.source), ("To", scale.target)]
    told = "".join(f'<dt>{word}</dt><dd dir="auto">{_told(folder)}</dd>' for word, folder in rows if folder)
    return f'<dl class="folders">{told}</dl>\n' if told else ""


def _tiles(report: DecksReport, totals: DecksTotals) -> str:
    spent = [f"{money(totals.saved_usd)} saved by the store"] if totals.saved_usd else []
    spent += [f"perhaps {money(totals.maybe_usd)} more"] if totals.maybe_usd else []
    missing = f"{counted(totals.failed, 'slide')} failed" if totals.failed else ""
    mean = took(sum(deck.seconds for deck in report.decks) / totals.decks)
    tiles = [
        ("Decks done", f"{totals.done:,} <small>of {totals.decks:,}</small>", ""),
        ("Pictures", f"{totals.illustrated:,} <small>of {totals.planned:,}</small>", missing),
        ("Cost", money(totals.cost_usd), ", ".join(spent)),
        ("Time", took(report.seconds), f"{mean} a deck" if totals.decks > 1 else ""),
    ]
    cells = (
        f'<div><dt>{name}</dt><dd class="figure">{figure}</dd>'
        + (f'<dd class="more">{more}</dd>' if more else "")
        + "</div>"
        for name, figure, more in tiles
    )
    return f'<dl class="tiles">{"".join(cells)}</dl>\n'


def _share(totals: DecksTotals) -> str:
    """How many decks ended how, as one bar."""
    parts = [(status, count) for status, count in totals.by_status.items() if count]
    widths = [max(_LEAST_SHARE, 1000 * count / totals.decks) for _, count in parts]
    room, left, bars = (1000 + _GAP) / sum(widths), 0.0, []
    for (status, _), width in zip(parts, widths, strict=True):
        bars.append(f'<rect class="{status}" x="{left:.1f}" width="{width * room - _GAP:.1f}" height="14"/>')
        left += width * room
    told = ", ".join(f"{count:,} {STATUS_WORDS[status]}" for status, count in parts)
    return (
        f'<svg class="share" viewBox="0 0 1000 14" preserveAspectRatio="none" role="img" aria-label="Decks: {told}">'
        f"{''.join(bars)}</svg>\n"
    )


def _contents(totals: DecksTotals) -> str:
    links = (
        f'<li><a href="#{status}">{_dot(status)}<span>{count:,} {STATUS_WORDS[status]}</span></a></li>'
        for status, count in totals.by_status.items()
        if count
    )
    return f'<nav aria-label="Decks by how they ended"><ul>{"".join(links)}</ul></nav>\n'


def _section(status: RunStatus, decks: Sequence[DeckOutcome], scale: _Scale) -> Iterator[str]:
    word = STATUS_WORDS[status].capitalize()
    columns = ["deck", "pictures", "cost", "time"]
    has_reasons = any(deck.message or deck.errors for deck in decks)
    heads = "".join(f'<th role="columnheader" scope="col" class="{one}">{one.capitalize()}</th>' for one in columns)
    if has_reasons:
        heads += '<th role="columnheader" scope="col" class="unseen">What happened</th>'
    yield f'<section id="{status}" class="{status}" aria-labelledby="h-{status}">\n'
    yield f'<h2 id="h-{status}">{_dot(status)}{word} <small>{counted(len(decks), "deck")}</small></h2>\n'
    yield f'<table role="table"><caption class="unseen">{word}: pictures, cost and time of each deck</caption>\n'
    yield f'<thead role="rowgroup"><tr role="row">{heads}</tr></thead>\n<tbody role="rowgroup">\n'
    for deck in decks:
        yield f'<tr role="row">{_cells(deck, scale)}{_reasons(deck) if has_reasons else ""}</tr>\n'
    yield "</tbody></table>\n</section>\n"


def _cells(deck: DeckOutcome, scale: _Scale) -> str:
    *folder, name = _LAST_SLASH.split(source := deck.input.removeprefix(scale.source))
    target = deck.output or source
    # The tree is mirrored as a rule.
    places = folder if target.endswith(source) else [*folder, f"→ {target.removeprefix(scale.target)}"]
    pictures = f"{deck.illustrated:,} of {deck.planned:,}" if deck.planned else "none"
    perhaps = f'<span class="perhaps">perhaps +{money(deck.maybe_usd)}</span>' if deck.maybe_usd else ""
    return (
        f'<th role="rowheader" scope="row" class="deck"><span class="name" dir="auto">{_told(name)}</span>'
        + "".join(f'<span class="place" dir="auto">{_told(place)}</span>' for place in places)
        + f'</th><td role="cell" class="pictures">{pictures}</td>'
        f'<td role="cell" class="cost">{money(deck.cost_usd)}{_bar(deck.cost_usd, scale.cost_usd)}{perhaps}</td>'
        f'<td role="cell" class="time">{took(deck.seconds)}{_bar(deck.seconds, scale.seconds)}</td>'
    )


def _reasons(deck: DeckOutcome) -> str:
    told = ""
    if deck.message:
        is_failed = deck.status is RunStatus.FAILED
        code = f' <span class="code">(exit code {int(deck.exit_code)})</span>' if is_failed else ""
        told += f'<p><bdi dir="auto">{_told(deck.message)}</bdi>{code}</p>'
    if deck.errors:
        errors = "".join(f'<li dir="auto">{_told(error)}</li>' for error in deck.errors)
        told += f"<details><summary>{counted(len(deck.errors), 'slide')} failed</summary><ul>{errors}</ul></details>"
    return f'<td role="cell" class="why">{told}</td>'


def _bar(amount: float, of: float) -> str:
    return f'<span class="bar"><i style="--of:{amount / of:.3f}"></i></span>' if amount > 0 else ""


def _dot(status: RunStatus) -> str:
    sign = f'<circle cx="9" cy="9" r="9"/><path d="{_SIGNS[status]}"/>'
    return f'<svg class="dot {status}" viewBox="0 0 18 18" aria-hidden="true">{sign}</svg>'


def _common_folder(paths: Iterable[str]) -> str:
    """The folder all are in, with its last slash; "" where they share none. For paths of any system, and URLs."""
    folders = [re.split(r"(?<=[/\\])", path)[:-1] for path in paths]
    shared = []
    for parts in zip(*folders, strict=False):
        if len(set(parts)) > 1:
            break
        shared.append(parts[0])
    folder = "".join(shared)
    return "" if _ROOT.fullmatch(folder) else folder


def _told(text: str) -> str:
    """Safe in an element and in UTF-8: markup, control characters and halves of surrogate pairs are no more such."""
    return html.escape(_CONTROLS.sub("\ufffd", text).encode("utf-8", "backslashreplace").decode("utf-8"))
