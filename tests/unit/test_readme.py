"""What the README promises is what the program does."""

from __future__ import annotations

import re

import pytest

from pipeline.cli import main
from pipeline.prompting.templates import load_styles
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


def test_the_readme_holds_figures_of_the_benchmark():
    rows = [line for line in README.splitlines() if re.match(r"\| \d+ slides, ", line)]
    assert len(rows) == 3
    assert all(re.search(r"\| \d+\.\d\d \| \d+\.\d\d \| \d\.\d{3} \|$", row) for row in rows)


def test_every_style_is_told():
    told = next(line for line in README.splitlines() if line.startswith("| `--style"))
    assert set(re.findall(r"`([\w-]+)`", told.split("|")[2])) == set(load_styles(None))
