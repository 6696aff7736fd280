"""A checkout cut to a study of seconds, and the programs that users type in it."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import prepared
import yaml
from processes import PATH
from shared_fixtures import ROOT

from cxv.config.load import load
from cxv.data.sources import fetch

MODEL = {"zoo": "cpv", "set": {"dim": 8, "depth": 1, "mixer": {"heads": 1, "head_dim": 4}}}
ADAMW = {"name": "AdamW", "lr": 0.001, "betas": [0.9, 0.99], "eps": 1e-8, "weight_decay": 0.01}
SGD = {"name": "SGD", "lr": 0.001, "momentum": 0.9}
SHORT = {"batch": 64, "patience": 1, "max_epochs": 1}
BLOCK = {"datasets": ["digits"], "models": ["tiny"], "recipes": ["dualopt_tiny"], "seeds": [0]}
TINY = {
    "datasets": {"digits": {"source": "digits", "per_class": {"train": 8, "test": 4}}},
    "models": {"tiny": MODEL},
    "variants": {"base": {}},
    "phases": {
        "adamw_tiny": {"optimizer": ADAMW, **SHORT},
        "sgd_tiny": {"optimizer": SGD, **SHORT},
    },
    "recipes": {"adamw_tiny": ["adamw_tiny"], "dualopt_tiny": ["adamw_tiny", "sgd_tiny"]},
    "studies": {"demo": {"title": "Tiny", "from_paper": ["costs"], "runs": [BLOCK]}},
}
ADAMW_RUN = "digits/tiny/base/s0/adamw_tiny"
SGD_RUN = f"{ADAMW_RUN}/sgd_tiny"
PROFILE = "digits/tiny/base"
FOLLOWS = ("table demo", "report demo")
TABLE = Path("results/studies/demo/table.csv")


class Project:
    """A checkout in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, *command: str, code: int = 0) -> str:
        """Run a program of this environment; return what it said."""
        environment = os.environ | {
            "PATH": os.pathsep.join([str(prepared.programs()), PATH]),
            "CXV_STORE": str(self.folder / ".cxv/store"),
            "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.org",
            "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example.org",
        }  # fmt: skip
        done = subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False
        )
        said = done.stdout + done.stderr
        assert done.returncode == code, said
        return said

    def snakemake(self, *arguments: str, code: int = 0) -> str:
        return self.run("snakemake", "--cores", "2", "--logger", "cxv", *arguments, code=code)

    def planned(self, *targets: str) -> set[str]:
        """Return what a dry run would do: rules, and the run or study of each."""
        said = self.snakemake("-n", *targets)
        rules = "fetch|train|profile|config_search|model_summary|counts|examples|table|report"
        jobs = re.finditer(rf"^would run +((?:{rules}) +\S+)", said, re.M)
        return {" ".join(job.group(1).split()) for job in jobs}

    def edit(self, old: str, new: str) -> None:
        path = self.folder / "params.yaml"
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    def read(self, path: Path | str) -> bytes:
        return (self.folder / path).read_bytes()


def checked_out(folder: Path) -> Project:
    """Return the files of this repository, its tests left out, with a study cut to seconds."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    for name in listed.stdout.split():
        if (ROOT / name).exists() and not name.startswith("tests/") and name != "dvc.lock":
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target)
    shipped = yaml.safe_load((ROOT / "params.yaml").read_text())
    (folder / "params.yaml").write_text(yaml.safe_dump(shipped | TINY, sort_keys=False))
    return Project(folder)


def make_demo(folder: Path) -> None:
    """Make the demo of such a checkout, known to DVC and git."""
    project = checked_out(folder)
    project.run("git", "init", "-q", "-b", "main")
    project.run("git", "add", "-A")
    project.run("git", "commit", "-qm", "start")
    project.snakemake("demo")
    project.run("git", "add", "-A")
    project.run("git", "commit", "-qm", "made")


def make_long(folder: Path, epochs: int) -> Project:
    """Return such a checkout with its dataset, and a training that can be interrupted."""
    project = checked_out(folder)
    project.edit("max_epochs: 1", f"max_epochs: {epochs}")
    project.edit("patience: 1", "patience: null")
    images, manifest = (
        folder / "data/raw/digits" / name for name in ("images.pt", "manifest.json")
    )
    digits = load(folder / "params.yaml").datasets["digits"]
    fetch(digits, images=images, manifest=manifest, downloads=folder.parent, mirror=None)
    return project
