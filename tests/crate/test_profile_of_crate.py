"""The crate is a Provenance Run Crate, by the validator of its makers, where that is installed.

pip install roc-validator && rocrate-validator cache warm
"""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from crates import reported, whole
from manuscripts import written

__all__ = ["reported", "whole", "written"]


@pytest.mark.slow
@pytest.mark.skipif(
    shutil.which("rocrate-validator") is None, reason="rocrate-validator is not installed"
)
def test_every_required_check_of_the_profile_passes(whole: Path, tmp_path: Path) -> None:
    found = tmp_path / "found.json"
    command = ["rocrate-validator", "-y", "validate", "--offline", "--no-paging", "-f", "json"]
    command += ["-p", "provenance-run-crate-0.5", "-l", "required", "-o", str(found), str(whole)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if "not available in the HTTP cache" in done.stdout + done.stderr:
        pytest.skip("the validator has no JSON-LD contexts: rocrate-validator cache warm")
    report = json.loads(found.read_text())
    assert report["issues"] == []
    assert report["passed"] is True
