"""Our pictures are known as ours after another program has saved the deck."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from tests.conftest import ROOT

SOFFICE = shutil.which("soffice")


@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed; .ci/run installs it")
@pytest.mark.timeout(180)
@pytest.mark.parametrize("sample", ["quarterly-review", "lecture-4x3"])
def test_a_deck_saved_by_libreoffice_is_still_finished(run, tmp_path, sample):
    """Free pictures and filled placeholders both."""
    run(ROOT / "samples" / f"{sample}.pptx", "-o", tmp_path / "out.pptx", "--offline", "--slides", "4-12")
    resaved = tmp_path / "resaved"
    subprocess.run(
        [SOFFICE, f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "pptx",
         "--outdir", resaved, tmp_path / "out.pptx"],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    again = run(resaved / "out.pptx", "--offline")
    assert again.code == 3, again.report
    reasons = {slide["reason"] for slide in again.report["slides"]}
    assert "already illustrated by an earlier run" in reasons
