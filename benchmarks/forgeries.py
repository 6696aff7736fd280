"""Is every forgery of a study named? ``python -m benchmarks.forgeries FOLDER demo``.

FOLDER is a checkout in which the study was made by this code. One file at a time is forged,
``cxv verify`` is asked, and the file is put back. Then all are forged at once and the study's
command is typed: with the store of finished jobs, and without. Last come the forgers who seal
again what they edit. A minute or two a part; FOLDER is as it was, afterwards.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

HELPERS = Path(__file__).parents[1] / "tests/helpers"
"""Where ``resealed`` forges as a careful forger does."""

sys.path.insert(0, str(HELPERS))
from resealed import better_predictions, other_weights  # noqa: E402

Forge = Callable[[Path], None]


@dataclass(frozen=True)
class Study:
    """A study that was made, and what its reader types."""

    folder: Path
    name: str

    def types(self, *command: str, store: Path | None = None) -> tuple[int, str]:
        """Run a program of this environment in the folder; return its exit code and words."""
        own = {"CXV_STORE": str(store)} if store else {}
        programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        paths = f"{self.folder}{os.pathsep}{self.folder / 'workflow/plugin'}"
        environment = os.environ | own | {"PATH": programs, "PYTHONPATH": paths}
        done = subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout + done.stderr

    def verify(self, *options: str) -> tuple[int, str]:
        """Check the study."""
        return self.types("python", "-m", "cxv", "verify", self.name, *options)

    def snakemake(self, store: Path | None = None) -> tuple[int, str]:
        """Type the study's command."""
        return self.types("snakemake", "--cores", "2", "--logger", "cxv", self.name, store=store)

    @property
    def published(self) -> dict[Path, bytes]:
        """What a reader of the study sees; empty where it was withdrawn."""
        folder = Path("results/studies") / self.name
        seen = (folder / "table.csv", folder / "report.md", folder / "report.html")
        return {x: (self.folder / x).read_bytes() for x in seen if (self.folder / x).exists()}

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Put every file back as it was."""
        within = [self.folder / name for name in ("results", "data", ".cxv/intact.json")]
        files = [x for top in within for x in (top.rglob("*") if top.is_dir() else [top])]
        before = {x: (x.read_bytes(), x.stat()) for x in files if x.is_file()}
        yield
        for path, (content, stat) in before.items():
            if not path.exists() or path.read_bytes() != content:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
                os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def outcome(key: str, value: float | None) -> Forge:
    """Return what writes another number into a record."""

    def forge(path: Path) -> None:
        fields = json.loads(path.read_text())
        fields["outcome"][key] = value
        path.write_text(json.dumps(fields))

    return forge


def array(name: str) -> Forge:
    """Return what alters one entry of one array of predictions."""

    def forge(path: Path) -> None:
        with np.load(path) as file:
            arrays = dict(file)
        arrays[name] = arrays[name].copy()
        arrays[name][0] = (arrays[name][0] + 1) % 10
        np.savez(path, **arrays)

    return forge


def text(old: str, new: str) -> Forge:
    """Return what replaces a text, once."""

    def forge(path: Path) -> None:
        before = path.read_text()
        if old not in before:
            raise ValueError(f"{path} has no {old!r}")
        path.write_text(before.replace(old, new, 1))

    return forge


def weight(path: Path) -> None:
    """Alter one weight of a checkpoint."""
    saved = torch.load(path, weights_only=True)
    first = next(iter(saved["weights"].values()))
    first[(0,) * first.dim()] += 1
    torch.save(saved, path)


def pixel(path: Path) -> None:
    """Alter a bit of a dataset's tensors."""
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        byte = file.read(1)[0]
        file.seek(-1, 1)
        file.write(bytes([byte ^ 1]))


def forgeries(study: Study) -> Mapping[str, tuple[Path, Forge]]:
    """Return a file and a forgery for each kind."""
    records = sorted(study.folder.glob("results/runs/**/metrics.json"))
    runs = [path.parent for path in records]
    made, paper = study.folder / "results/studies" / study.name, study.folder / "data/paper"
    profile = sorted(study.folder.glob("results/profiles/**/profile.json"))[0]
    params = f'"params": {json.loads(profile.read_text())["measured"]["params"]}'
    cell = (made / "table.csv").read_text().splitlines()[1]
    return {
        "metric 0.9999": (runs[0] / "metrics.json", outcome("top1", 0.9999)),
        "metric 7.5": (runs[1] / "metrics.json", outcome("top1", 7.5)),
        "metric NaN": (runs[2] / "metrics.json", outcome("top1", float("nan"))),
        "prediction": (runs[3] / "predictions.npz", array("predicted")),
        "label": (runs[4] / "predictions.npz", array("label")),
        "history": (runs[5] / "history.csv", text("\n1,", "\n1,0")),
        "checkpoint": (runs[6] / "checkpoint.pt", weight),
        "profile": (profile, text(params, f"{params}1")),
        "table cell": (made / "table.csv", text(cell, f"{cell[:-1]}9")),
        "report text": (made / "report.md", text("points of top-1", "points of top-5")),
        "dataset tensor": (sorted(study.folder.glob("data/raw/*/images.pt"))[0], pixel),
        "printed value": (paper / "table1.csv", text("91.42", "71.42")),
        "tolerance": (paper / "tolerances.yaml", text("alpha: 0.05", "alpha: 0.5")),
    }  # fmt: skip


def one_by_one(study: Study, found: Mapping[str, tuple[Path, Forge]]) -> int:
    """Print whether each forgery is named; return how many are not."""
    missed = 0
    for kind, (path, forge) in found.items():
        before, stat = path.read_bytes(), path.stat()
        forge(path)
        began = time.monotonic()
        code, said = study.verify()
        lines = [x.strip() for x in said.splitlines() if str(path.relative_to(study.folder)) in x]
        named = code == 1 and bool(lines)
        missed += not named
        print(f"{kind:15} {'named' if named else 'MISSED'} {time.monotonic() - began:5.1f} s"
              f"  {lines[0] if lines else said[-300:]}", flush=True)  # fmt: skip
        path.write_bytes(before)
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    return missed


def all_at_once(study: Study, found: Mapping[str, tuple[Path, Forge]]) -> int:
    """Print what the study's command publishes over forged files; return how often a forgery."""
    honest, wrong = study.published, 0
    forged = [one for one in found.values() if "data/paper" not in str(one[0])]
    with tempfile.TemporaryDirectory() as empty:
        for words, store in (("with its store", None), ("without a store", Path(empty))):
            with study.kept():
                for path, forge in forged:
                    forge(path)
                began = time.monotonic()
                code, said = study.snakemake(store)
                now = study.published
                bad = [str(path) for path, content in now.items() if content != honest[path]]
                wrong += bool(bad) or (code == 0) != (len(now) == len(honest))
                print(f"all, {words}: exit code {code}, {len(now)} of {len(honest)} published,"
                      f" {len(bad)} of them forged, {said.count(': altered')} lines say altered,"
                      f" {time.monotonic() - began:.0f} s", flush=True)  # fmt: skip
    return wrong


def careful(study: Study) -> int:
    """Print at which depth a forger is found who seals again; return how many are not."""
    missed = 0
    records = sorted(study.folder.glob("results/runs/**/metrics.json"))
    run = records[-1].parent
    cases: Sequence[tuple[str, Forge, tuple[str, ...]]] = (
        ("predictions, record, seals", better_predictions, ("--weights",)),
        ("weights too", other_weights, ("--replay", str(len(records)))),
    )  # fmt: skip
    for words, forge, deep in cases:
        with study.kept():
            forge(run)
            for path in (study.folder / ".cxv").glob("intact.json"):
                path.unlink()
            study.types("snakemake", "--cores", "2", "--forcerun", "table", "--", study.name)
            shallow, deeper = study.verify()[0], study.verify(*deep)
            name = str(run.relative_to(study.folder) / "predictions.npz")
            named = deeper[0] == 1 and name in deeper[1]
            missed += not named
            passes, names = ("passes", "fails")[shallow != 0], ("MISSES IT", "names it")[named]
            print(f"{words}: verify {passes}, {' '.join(deep)} {names}", flush=True)
    return missed


def main() -> None:
    """Forge one by one, all at once and with care."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("folder", type=Path)
    parser.add_argument("study")
    options = parser.parse_args()
    study = Study(options.folder.resolve(), options.study)
    found = forgeries(study)
    missed = one_by_one(study, found)
    print(f"{len(found) - missed} of {len(found)} named")
    sys.exit(missed + all_at_once(study, found) + careful(study) > 0)


if __name__ == "__main__":
    main()
