"""The manuscript that we ship, from its trainings of seconds to a paper without a fault."""

import os
import shutil
from pathlib import Path

import pytest
from project import Project, checked_out


class Example(Project):
    """The folder of the manuscript in a checkout, as a user is in it."""

    def __init__(self, checkout: Path) -> None:
        super().__init__(checkout / "examples/manuscript")


@pytest.mark.slow
def test_what_the_readme_of_the_example_says_is_what_happens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout = checked_out(tmp_path / "checkout").folder
    path = [str(checkout), str(checkout / "workflow/plugin"), os.environ.get("PYTHONPATH", "")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(path))
    example = Example(checkout)
    example.run("snakemake", "--snakefile", "../../Snakefile", "--cores", "2", "switch")
    example.run("python", "-m", "cxv", "latex-macros", "switch")
    assert ": 0 named" in example.run("python", "-m", "cxv", "audit", "paper.tex")
    if shutil.which("pdflatex"):
        example.run("pdflatex", "-interaction=nonstopmode", "-halt-on-error", "paper.tex")
    text = (example.folder / "results.tex").read_text()
    (example.folder / "results.tex").write_text(text + "\nOurs is 31.07\\,\\%.\n")
    said = example.run("python", "-m", "cxv", "audit", "paper.tex", code=1)
    assert f"results.tex:{text.count(chr(10)) + 2}: " in said
