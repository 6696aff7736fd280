"""Equal records give equal bytes in every process, whatever its hashes of strings."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import samples
from kinds import KINDS
from papers import folder_like_the_grid

WRITE = """
import sys
from cxv.__main__ import main
spec, results, out = sys.argv[1:]
found = ["--results", results]
files = ["--cells", f"{out}/table.csv", "--listing", f"{out}/runs.csv"]
files += ["--metrics", f"{out}/metrics.json", "--summary", f"{out}/summary"]
assert main(["table", spec, *found, *files]) == 0
assert main(["report", spec, *found, "--out", out]) == 0
"""
"""What the rules ``table`` and ``report`` run."""


@pytest.mark.slow
def test_a_study_has_the_same_files_whatever_the_hash_seed(tmp_path: Path) -> None:
    paper = folder_like_the_grid(tmp_path / "paper")
    params = samples.grid(tmp_path).model_copy(update={"paper": str(paper)})
    lost = {"digits/resnet18/base/s0/adamw", "digits/resnet18/base/s1/adamw"}
    samples.make(params, "small", tmp_path, missing=lost, diverged={_a_run(tmp_path)})
    spec = params.only("small").canonical()
    KINDS["counts"].save(tmp_path / "counts/networks.json", KINDS["counts"].spec(params))
    processes = []
    for seed in ("1", "2"):
        places = [str(tmp_path), str(tmp_path / seed)]
        arguments = [sys.executable, "-c", WRITE, spec, *places]
        environment = os.environ | {"PYTHONHASHSEED": seed}
        processes.append(subprocess.Popen(arguments, env=environment, cwd=tmp_path))
    assert [process.wait() for process in processes] == [0, 0]
    first, second = (contents(tmp_path / seed) for seed in ("1", "2"))
    names = {"table.csv", "runs.csv", "metrics.json", "paper.csv"}
    assert names | {"report.html", "report.md", "report.tex"} < first.keys()
    assert any(name.endswith(".svg") for name in first)
    assert [name for name in first if first[name] != second.get(name)] == []
    assert first.keys() == second.keys()


def _a_run(root: Path) -> str:
    return list(samples.grid(root).runs("small"))[2]


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }
