"""A study that has nothing of the paper shows nothing of it, whatever paper the settings name."""

import csv
import re
from collections.abc import Mapping
from html import unescape
from pathlib import Path

import pytest
import samples
from shared_fixtures import ROOT

from cxv.__main__ import main
from cxv.config.grid import Params
from cxv.config.load import load

WORDS = re.compile(
    r"paper|table [1-4]|figure [1-3]|claim|printed|convolutional xformers for vision", re.IGNORECASE
)
GRID = f"""
paper: {ROOT}/data/paper
{samples.GRID.partition("datasets:")[0].strip()}
datasets:
  photos: {{source: image_folder, path: photos, image_size: 32}}
models:
  small: {{zoo: cpv, set: {{dim: 32}}}}
variants: {{gelu: {{edits: [gelu_after_conv]}}}}
phases:
  adamw_photos: &adamw
    optimizer: {{name: AdamW, lr: 0.001, betas: [0.9, 0.999], eps: 1.0e-8, weight_decay: 0.01}}
    batch: 64
    patience: 3
    max_epochs: 8
  flipped: {{<<: *adamw, augment: [{{name: flip}}]}}
recipes: {{short: [adamw_photos], twice: [flipped, adamw_photos]}}
studies:
  small:
    title: My photos
    runs:
      - {{datasets: [photos], models: [cpv, small], recipes: [short, twice], seeds: [0, 1, 2]}}
      - {{datasets: [photos], models: [cpv, small], variants: [gelu], recipes: [twice]}}
"""
MORE = "    title: My photos\n"


def written(folder: Path, text: str) -> tuple[Mapping[str, str], str]:
    """Make all runs of a study up and report on them; return its readable forms, and paper.csv."""
    path = folder / "params.yaml"
    path.write_text(text)
    params: Params = load(path)
    samples.make(params, "small", folder / "results")
    spec, out = params.only("small").canonical(), folder / "out"
    assert main(["report", spec, "--results", str(folder / "results"), "--out", str(out)]) == 0
    page = re.sub(r"<(style|script)\b.*?</\1>", " ", (out / "report.html").read_text(), flags=re.S)
    latex = (out / "report.tex").read_text().partition(r"\begin{document}")[2]
    forms = {
        "html": unescape(re.sub(r"<[^>]*>", " ", page)),
        "md": (out / "report.md").read_text(),
        "tex": latex,
        "tables": "\n".join(x.read_text() for x in sorted((out / "tables").iterdir())),
        "files": "\n".join(x.name for x in sorted(out.rglob("*")) if x.name != "paper.csv"),
    }
    assert all("photos" in form for form in (forms["html"], forms["md"], forms["tex"]))
    return forms, (out / "paper.csv").read_text()


def said(text: str) -> list[str]:
    """Return what is said of a paper, with some of its surroundings."""
    return [text[max(0, x.start() - 40) : x.end() + 40] for x in WORDS.finditer(text)]


def test_own_photos_are_held_against_no_paper(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    forms, numbers = written(tmp_path, GRID)
    assert {form: said(text) for form, text in forms.items()} == {form: [] for form in forms}
    [header] = csv.reader(numbers.splitlines())
    assert header[:2] == ["printed", "dataset"]


def test_one_network_of_the_paper_on_its_data_brings_the_paper_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    measured = f"{MORE}    measured: [{{datasets: [cifar10], models: [vit]}}]\n"
    forms, numbers = written(tmp_path, GRID.replace(MORE, measured))
    for form in ("html", "md", "tex"):
        assert said(forms[form]), form
    assert len(numbers.splitlines()) == 139  # a line for each number, and a header
