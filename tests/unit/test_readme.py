"""What the README promises is what the program does."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from pipeline.cli import main
from pipeline.errors import ExitCode
from pipeline.outcomes import Money, NotUsed, RunReport, RunStatus, SlideOutcome, SlideStatus
from pipeline.prompting.templates import load_styles
from pipeline.records.prices import Quote, SlidePrice
from pipeline.reporting.report import plan_json, report_json
from tests.builders import plan
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
CI = (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_ci_runs_the_readmes_own_commands():
    for command in ("pip install -e .", "python run.py", "pip install -e '.[test]'", "pytest"):
        assert command in README
        assert command.replace("pip install", "pip install -q") in CI


def test_every_option_of_the_program_is_told_and_no_other(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    offered = set(re.findall(r"--[a-z][a-z-]*", capsys.readouterr().out)) - {"--help", "--quiet", "--verbose"}
    table = README[README.index("| option |") : README.index("From Python:")]
    assert set(re.findall(r"--[a-z][a-z-]*", table)) == offered
    assert "`-v`, `-q`" in table


def test_every_field_of_the_reports_is_told():
    report = RunReport(
        run_id="",
        status=RunStatus.SUCCESS,
        exit_code=ExitCode.OK,
        input=Path(),
        money=Money(not_used=(NotUsed(reason="", usd=0.0, calls=0),)),
        slides=(SlideOutcome(number=1, title="", status=SlideStatus.SKIPPED, reason=""),),
    )
    price = SlidePrice(number=2)
    quote = Quote(plans=(plan(2),), prices=(price,), offline=False)
    told = README[README.index("With `--json` the report has") : README.index("## How it is built")]
    names = set(_keys(json.loads(report_json(report)))) | set(_keys(json.loads(plan_json(quote, Path()))))
    names -= {"left_emu", "top_emu", "width_emu", "height_emu"}  # "the rest in EMU"
    assert {name for name in names if f"`{name}`" not in told} == set()


def _keys(data):
    if isinstance(data, dict):
        yield from data
        data = list(data.values())
    if isinstance(data, list):
        for value in data:
            yield from _keys(value)


def test_the_readme_holds_figures_of_the_benchmark():
    rows = [line for line in README.splitlines() if re.match(r"\| \d+ slides, ", line)]
    assert len(rows) == 3
    assert all(re.search(r"\| \d+\.\d\d \| \d+\.\d\d \| \d\.\d{3} \|$", row) for row in rows)


def test_every_style_is_told():
    told = next(line for line in README.splitlines() if line.startswith("| `--style"))
    assert set(re.findall(r"`([\w-]+)`", told.split("|")[2])) == set(load_styles(None))
