"""A name of the paper keeps its meaning: ``params.yaml`` inherits it, and gives it no other."""

from pathlib import Path

import pytest
import samples
from paper_folders import copied
from shared_fixtures import ROOT

from cxv.config.load import ParamsError, load, load_means
from cxv.jobs.check import faults

PAPER = ROOT / "data/paper"
SHIPPED = (ROOT / "params.yaml").read_text().replace("paper: data/paper ", f"paper: {PAPER} ", 1)
LINES = (ROOT / "params.yaml").read_text().splitlines()
ADAMW = """\
  adamw:
    optimizer: {{name: AdamW, lr: {lr}, betas: [0.9, 0.999], eps: 1.0e-8, weight_decay: 0.01}}
    batch: 32
    patience: 20
    max_epochs: {most}
"""
OTHER = "the paper means something else by this name (here != there: "

REDEFINED = {
    "a learning rate": (
        "phases", ADAMW.format(lr=0.5, most=300),
        f"phases.adamw: {OTHER}optimizer.lr: 0.5 != 0.001); give it another name",
    ),
    "the most epochs": (
        "phases", ADAMW.format(lr=0.001, most=100),
        f"phases.adamw: {OTHER}max_epochs: 100 != 300); give it another name",
    ),
    "two values of a phase": (
        "phases", ADAMW.format(lr=0.5, most=100),
        f"phases.adamw: {OTHER}max_epochs: 100 != 300; optimizer.lr: 0.5 != 0.001); give it",
    ),
    "numbers of a model": (
        "models", "  cpv: {set: {dim: 64}}\n",
        f"models.cpv: {OTHER}set.dim: 64 != None); give it another name",
    ),
    "another model": (
        "models", "  cpv: {zoo: cnv}\n",
        f"models.cpv: {OTHER}zoo: 'cnv' != 'cpv'); give it another name",
    ),
    "a part of a dataset": (
        "datasets", "  cifar10: {source: cifar10, per_class: {train: 500}}\n",
        f"datasets.cifar10: {OTHER}per_class.train: 500 != None); give it another name",
    ),
    "another dataset": (
        "datasets", "  cifar10: {source: cifar100}\n",
        f"datasets.cifar10: {OTHER}source: 'cifar100' != 'cifar10'); give it another name",
    ),
    "edits of a variant": (
        "variants", "  base: {edits: [rotary]}\n",
        f"variants.base: {OTHER}edits.0: 'rotary' != None); give it another name",
    ),
    "a recipe of another chain": (
        "recipes", "  dualopt: [sgd, adamw]\n",
        "recipes.dualopt: the paper means ['adamw', 'sgd'] by this name, not ['sgd', 'adamw'];"
        " give it another name",
    ),
    "a recipe that is cut short": (
        "recipes", "  dualopt: [adamw]\n",
        "recipes.dualopt: the paper means ['adamw', 'sgd'] by this name, not ['adamw']; give it",
    ),
}  # fmt: skip
SAME = {
    "a phase": ("phases", ADAMW.format(lr="1.0e-3", most=300)),
    "a model": ("models", "  cpv: {zoo: cpv}\n"),
    "a dataset": ("datasets", "  cifar10_25: {source: cifar10, per_class: {train: 1250}}\n"),
    "a variant": ("variants", "  wide_tokens: {set: {dim: 256}}\n"),
    "a recipe": ("recipes", "  dualopt: [adamw, sgd]\n"),
}


def given(folder: Path, section: str, entry: str) -> tuple[Path, int]:
    """Write the shipped settings with one entry more; return their path and its line."""
    number = next(i for i, line in enumerate(LINES) if line.startswith(f"{section}:"))
    lines = SHIPPED.splitlines(keepends=True)
    path = folder / "params.yaml"
    path.write_text("".join([*lines[: number + 1], entry, *lines[number + 1 :]]))
    return path, number + 2


def refused(path: Path) -> str:
    with pytest.raises(ParamsError) as caught:
        load(path)
    return str(caught.value)


@pytest.mark.parametrize("case", REDEFINED)
def test_another_meaning_is_refused_with_its_line_and_both_values(
    tmp_path: Path, case: str
) -> None:
    section, entry, said = REDEFINED[case]
    path, line = given(tmp_path, section, entry)
    [found] = refused(path).splitlines()
    assert found.startswith(f"{path}:{line}: {said}")


@pytest.mark.parametrize("case", SAME)
def test_the_same_meaning_may_be_said_again(tmp_path: Path, case: str) -> None:
    path, _ = given(tmp_path, *SAME[case])
    again, shipped = load(path), load(ROOT / "params.yaml")
    assert again.runs("all") == shipped.runs("all")


def test_every_name_of_the_paper_is_inherited_as_it_means_it() -> None:
    params, means = load(ROOT / "params.yaml"), load_means(PAPER / "means.yaml")
    for section in ("datasets", "models", "variants", "phases", "recipes"):
        here, there = getattr(params, section), getattr(means, section)
        assert len(there) > 5
        assert {name: here[name] for name in there} == there


def test_without_a_paper_a_name_means_what_it_is_given(tmp_path: Path) -> None:
    assert "paper:" not in samples.GRID
    for text in (samples.GRID, f"paper: null\n{samples.GRID}"):
        params = samples.grid(tmp_path, text)
        assert (params.paper, params.phases["adamw"].max_epochs) == (None, 8)  # of 300
        assert params.models.keys() == {"resnet18", "cpv_small", "cnv"}


def test_without_a_paper_its_names_stand_for_nothing(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(SHIPPED.replace(f"paper: {PAPER} ", "paper: null "))
    said = refused(path)
    assert (
        "studies.table2.runs.0.datasets: no dataset 'cifar10'; did you mean 'cifar10_lite'?" in said
    )
    assert "studies.table2.runs.0.models: no model 'cnv'" in said
    assert "studies.table2.runs.0.variants: no variant 'base'" in said
    assert "studies.table2.runs.0.recipes: no recipe 'dualopt'; did you mean 'lite_dualopt'" in said
    assert "recipes.reversed: no phase 'sgd_first'" in said
    assert "the paper means" not in said


def test_a_study_asks_no_paper_for_anything_if_there_is_none(tmp_path: Path) -> None:
    title = "    title: A study of <small> things\n"
    text = samples.GRID.replace(title, f"{title}    from_paper: [costs]\n")
    assert text != samples.GRID
    path = tmp_path / "params.yaml"
    path.write_text(text)
    line = text[: text.index("    from_paper")].count("\n") + 1
    said = "studies.small.from_paper: asks for a paper, and `paper` names none"
    assert refused(path) == f"{path}:{line}: {said}"


def test_only_costs_and_settings_are_asked_of_a_paper(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(SHIPPED.replace("from_paper: [costs]", "from_paper: [cost]"))
    assert "studies.demo.from_paper.0: must be 'costs' or 'settings', not 'cost'" in refused(path)


@pytest.mark.parametrize("folder", ["nowhere", "data"])
def test_a_folder_that_describes_no_paper_is_named(tmp_path: Path, folder: str) -> None:
    (tmp_path / "data").mkdir()
    path = tmp_path / "params.yaml"
    path.write_text(f"{samples.GRID.lstrip()}paper: {folder}\n")
    line = samples.GRID.lstrip().count("\n") + 1
    said = f"no {tmp_path / folder / 'means.yaml'}: name the folder that describes the paper"
    assert refused(path) == f"{path}:{line}: paper: {said}, or null for none"


def test_a_paper_is_looked_for_next_to_the_settings_and_not_where_a_command_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/paper").symlink_to(PAPER)
    (tmp_path / "params.yaml").write_text((ROOT / "params.yaml").read_text())
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert "cpv" in load(Path("../params.yaml")).models


def test_a_fault_of_an_inherited_name_is_placed_in_the_papers_file(tmp_path: Path) -> None:
    folder = tmp_path / "paper"
    copied(folder)
    means = folder / "means.yaml"
    text = means.read_text().replace(
        "  adamw:\n    optimizer: {name: AdamW,", "  adamw:\n    optimizer: {name: AdamWW,"
    )
    means.write_text(text)
    path = tmp_path / "params.yaml"
    path.write_text((ROOT / "params.yaml").read_text().replace("data/paper", str(folder), 1))
    with pytest.raises(ParamsError) as caught:
        load(path, also=faults)
    line = text[: text.index("AdamWW")].count("\n") + 1
    assert str(caught.value).startswith(
        f"{means}:{line}: phases.adamw.optimizer.name: no optimizer"
    )
