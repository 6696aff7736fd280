"""Two commits are compared as far as git has them, and DVC what git has by checksum."""

import json
from typing import Any

import pytest
from project import Project

pytestmark = pytest.mark.slow


def compared(project: Project, left: str, right: str) -> dict[str, Any]:
    said = project.run("python", "-m", "cxv", "diff", left, right, "--json")
    return json.loads(said[said.index("{") :])


def test_a_commit_is_held_against_the_one_before_from_settings_to_numbers(
    project: Project,
) -> None:
    made = compared(project, "HEAD~1", "HEAD")
    assert {change["name"] for change in made["changes"]} >= {
        "data/raw/digits/images.pt, MD5",
        "data/raw/digits/manifest.json, MD5",
    }
    [number] = made["numbers"]
    summary = json.loads(project.read(f"results/studies/demo/summary/{number['name']}.json"))
    assert number["left"] is None
    assert number["right"]["value"] == pytest.approx(100 * summary["top1"])
    ends = [100 * summary["top1_low"], 100 * summary["top1_high"]]
    assert number["right"]["interval"] == pytest.approx(ends)

    project.edit("lr: 0.001\n      momentum", "lr: 0.002\n      momentum")
    mixer = project.folder / "cxv/networks/mixers/performer.py"
    mixer.write_text(mixer.read_text().replace("1e-3", "1e-2") + "\n\nWIDER = 2  # unused\n")
    lock = project.folder / "requirements.lock"
    lock.write_text(lock.read_text().replace("einops==", "einops==9."))
    project.run("git", "commit", "-qam", "edits")
    edited = compared(project, "HEAD~1", "HEAD")
    found = {change["name"]: change for change in edited["changes"]}
    assert found.keys() == {
        "params.yaml: phases.sgd_tiny.optimizer.lr",
        "cxv.networks.mixers.performer:relu_attention",
        "cxv.networks.mixers.performer:WIDER",
        "einops",
    }
    rate = found["params.yaml: phases.sgd_tiny.optimizer.lr"]
    assert (rate["before"], rate["after"]) == (0.001, 0.002)
    assert found["cxv.networks.mixers.performer:WIDER"]["change"] == "added"
    assert edited["numbers"] == []
