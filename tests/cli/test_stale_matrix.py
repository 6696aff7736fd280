"""Twelve kinds of edit of a project whose study is made: what each one makes stale, and no more.

The expectations are written by hand, from what a reader of the code would say.
"""

import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from edited import editing
from project import ADAMW_RUN, SGD_RUN, Project
from resealed import edit

from cxv.cli import stale as subject
from cxv.config.load import load
from cxv.jobs import report, train
from cxv.records.packages import installed

pytestmark = pytest.mark.slow

RESULTS, DATA = Path("results"), Path("data/raw")
BOTH, LATER = {ADAMW_RUN, SGD_RUN}, {SGD_RUN}
PERFORMER, TRAINER = "networks/mixers/performer.py", "training/trainer.py"
RELU = "cxv.networks.mixers.performer:relu_attention changed"


@dataclass(frozen=True)
class Case:
    """An edit, and by hand what it makes stale."""

    file: str  # below the project
    old: str
    new: str
    runs: set[str] = field(default_factory=set)
    others: set[str] = field(default_factory=set)  # kinds of further records
    named: str = ""  # a change that each of them names
    not_made: int = 0
    status: str = "stale"


CASES: Mapping[str, Case] = {
    "comment": Case(f"cxv/{PERFORMER}", "    return kernel", "    # so\n    return kernel"),
    "docstring": Case(f"cxv/{PERFORMER}", "Kernel of the paper:", "The kernel printed:"),
    # The fingerprint is over the syntax tree, in which locals have names: no edit is taken for
    # harmless that a reader has to judge.
    "renamed local variable": Case(
        *(f"cxv/{PERFORMER}", "lengths", "norms", BOTH, {"profile", "counts"}),
        named="code: cxv.networks.mixers.performer:orthogonal_projection changed",
    ),
    "constant of the mixer": Case(
        *(f"cxv/{PERFORMER}", "1e-3", "1e-2", BOTH, {"profile", "counts"}),
        named=f"code: {RELU}",
    ),
    # The study shows the paper's counts, and those are of every model.
    "unrelated model": Case(
        *("cxv/networks/models/resnet.py", "F.relu", "F.gelu", set(), {"counts"}),
        named="code: cxv.networks.models.resnet:",
    ),
    "training loop": Case(
        *(f"cxv/{TRAINER}", "(len(truth) / len(targets))", "2", BOTH),
        named="code: cxv.training.trainer:Learner changed",
    ),
    "function of the table": Case(
        *("cxv/results/table.py", "over = f", "over = 1 * f", set(), {"table", "report"}),
        named="code: cxv.results.table:_accuracy changed",
    ),
    "rate of a phase": Case(
        *("params.yaml", "lr: 0.001\n      momentum", "lr: 0.002\n      momentum"),
        *(LATER, {"table", "report"}),
        named=".optimizer.lr: 0.001 -> 0.002",
    ),
    "a seed more": Case(
        *("params.yaml", "seeds:\n      - 0", "seeds:\n      - 0\n      - 1"),
        *(set(), {"table", "report"}),
        named="specification: studies.demo.runs.0.seeds.1: nothing -> 1",
        not_made=2,
    ),
    # A profile needs the shape of the images alone.
    "data": Case("data/raw/digits/manifest.json", "", "", BOTH, named="data: digits, SHA-256: "),
    "version of a package": Case(
        *("", "", "", BOTH, {"profile", "counts"}),
        named="packages: einops: ",
        status="made with other packages",
    ),
    "caption": Case(
        *("cxv/report/templates/report.html.j2", "Test top-1 and cost", "Accuracy and cost"),
        *(set(), {"report"}),
        named="files: cxv/report/templates/report.html.j2: ",
    ),
}


@pytest.fixture
def apply(
    made: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[Case], None]]:
    """Yield a function that makes an edit in a copy of a project whose demo is made."""
    leave = shutil.ignore_patterns(".git", ".cxv", ".dvc", ".snakemake", "mlruns", "mlflow.db*")
    copy = shutil.copytree(made.folder, tmp_path / "project", ignore=leave, symlinks=True)
    monkeypatch.chdir(copy)
    monkeypatch.setattr(report, "ROOT", copy)
    of_code = editing(copy, monkeypatch)
    edit_code = next(of_code)

    def make(case: Case) -> None:
        if case.file.endswith(".py"):
            edit_code(case.file.removeprefix("cxv/"), case.old, case.new)
        elif case.file.endswith(".json"):
            edit(copy / case.file, lambda fields: fields.update(sha256="f" * 64))
        elif case.file:
            text = (copy / case.file).read_text()
            assert case.old in text
            (copy / case.file).write_text(text.replace(case.old, case.new))
        else:
            other = installed() | {"einops": "9.9"}
            monkeypatch.setattr(subject, "installed", lambda: other)

    yield make
    next(of_code, None)


def found_now() -> list[subject.Found]:
    params = load(Path("params.yaml"))
    return subject.stale(params, ["demo"], results=RESULTS, data=DATA)


@pytest.mark.parametrize("kind", CASES)
def test_an_edit_makes_stale_what_it_changes_and_nothing_else(
    kind: str, apply: Callable[[Case], None]
) -> None:
    case = CASES[kind]
    assert found_now() == []
    apply(case)
    found = found_now()
    lost = [one for one in found if one.status == "not made"]
    stale = [one for one in found if one.status != "not made"]
    runs = {f"results/runs/{run}/metrics.json" for run in case.runs}
    assert {one.path for one in stale if one.kind == "train"} == runs
    assert {one.kind for one in stale} - {"train"} == case.others
    assert {one.status for one in stale} <= {case.status}
    for one in stale:
        assert any(case.named in why for why in one.why), one.why
        assert one.status == case.status
    assert len(lost) == case.not_made


def test_every_record_names_a_file_of_its_definitions(made: Project) -> None:
    codes = {path.stem for path in (made.folder / "results/code").iterdir()}
    params = load(made.folder / "params.yaml")
    by_kind = {job.code for job in train.jobs(params, "demo").values()}
    assert by_kind <= codes
    assert len(codes) == 5  # runs, the profile, counts, the table, the report
