"""What a user gets wrong in params.yaml is told with file, line, key and what is allowed."""

import re
from pathlib import Path

import pytest
from dvc.utils.hydra import apply_overrides
from dvc.utils.serialize import parse_yaml

from cxv import check
from cxv.grid import RULES
from cxv.params import ParamsError, _read, load

ROOT = Path(__file__).resolve().parents[1]
SHIPPED = (ROOT / "params.yaml").read_text()


def complaint(folder: Path, old: str, new: str) -> str:
    """Return what is said of params.yaml after one edit."""
    assert SHIPPED.count(old) >= 1, f"params.yaml no longer holds {old!r}"
    path = folder / "params.yaml"
    path.write_text(SHIPPED.replace(old, new, 1))
    with pytest.raises(ParamsError) as caught:
        load(path, also=check.faults)
    return str(caught.value).replace(f"{path}:", "params.yaml:")


def line_of(text: str) -> int:
    """Return the line of params.yaml on which ``text`` first stands."""
    return SHIPPED[: SHIPPED.index(text)].count("\n") + 1


def test_the_shipped_file_is_sound() -> None:
    assert load(ROOT / "params.yaml", also=check.faults).study == "demo"


WRONG = {
    "misspelt key": (
        "select_on: test",
        "selekt_on: test",
        "training.selekt_on: no such key here (allowed: autocast_cpu, autocast_cuda, cpu_threads,",
    ),
    "key left out": ("  cpu_threads: 1", "  # cpu_threads: 1", "training.cpu_threads: is missing"),
    "unknown model of the zoo": (
        "  cnv: {}",
        "  cnw: {}",
        "no model in cxv/zoo.py 'cnw'; did you mean 'cnv'?",
    ),
    "unknown model in a study": (
        "models: [cnv, cpv], recipes: [dualopt, randaugment",
        "models: [cnv, cpw], recipes: [dualopt, randaugment",
        "studies.table4.runs.0.models: no model 'cpw'; did you mean",
    ),
    "unknown dataset": (
        "datasets: [digits], models: [resnet18_small",
        "datasets: [digit], models: [resnet18_small",
        "studies.demo.runs.0.datasets: no dataset 'digit'; did you mean 'digits'? (known: cifar10,",
    ),
    "unknown source": (
        "{source: digits}",
        "{source: mnist}",
        "datasets.digits.source: Input should be 'digits', 'cifar10', 'cifar100'",
    ),
    "unknown variant": (
        "variants: [gelu_after_conv]",
        "variants: [gelu_after_konv]",
        "no variant 'gelu_after_konv'; did you mean 'gelu_after_conv'?",
    ),
    "unknown edit": (
        "{edits: [batch_norm]}",
        "{edits: [batchnorm]}",
        "no edit 'batchnorm'; did you mean 'batch_norm'?",
    ),
    "unknown phase": (
        "dualopt: [adamw, sgd]",
        "dualopt: [adamw, sdg]",
        "recipes.dualopt: no phase 'sdg'; did you mean 'sgd'?",
    ),
    "unknown recipe": ("recipes: [adamw, dualopt]", "recipes: [adamw, dual]", "no recipe 'dual'"),
    "negative epochs": (
        "max_epochs: 300",
        "max_epochs: -3",
        "phases.adamw.max_epochs: Input should be greater than 0, not -3",
    ),
    "zero epochs": (
        "max_epochs: 300",
        "max_epochs: 0",
        "phases.adamw.max_epochs: Input should be greater than 0, not 0",
    ),
    "text for a number": (
        "batch: 32             #",
        "batch: many #",
        "phases.adamw.batch: Input should be a valid integer, not 'many'",
    ),
    "a study that selects nothing": (
        "variants: [embed_1_conv, base, embed_3_convs]",
        "variants: []",
        "studies.table2.runs.0.variants: selects nothing: give at least one",
    ),
    "two datasets of one name": (
        "  cifar100: {source: cifar100}",
        "  cifar10: {source: cifar100}",
        "datasets.cifar10: stands twice; the first is on line",
    ),
    "unknown study": (
        "study: demo",
        "study: demos",
        "study: no study 'demos'; did you mean 'demo'? (known: ablations, all,",
    ),
    "number that a model lacks": (
        "set: {width: 8}",
        "set: {widht: 8}",
        "models.resnet18_small.set: with model resnet18_small: no setting widht; allowed:",
    ),
    "edit that does not fit": (
        "models: [cpv_small], variants: [gelu_after_conv]",
        "models: [resnet18_small], variants: [gelu_after_conv]",
        "variants.gelu_after_conv: with model resnet18_small:",
    ),
    "a dataset that brings no images": (
        "{source: digits}",
        "{source: digits, path: photos}",
        "datasets.digits: path and image_size go with image_folder alone, not digits",
    ),
    "own images without a place": (
        "{source: digits}",
        "{source: image_folder}",
        "datasets.digits: source image_folder needs a path",
    ),
    "a seed twice": ("seeds: [0, 1, 2]", "seeds: [0, 1, 0]", "seeds: each seed once, not 0 twice"),
    "a study named as a rule": (
        "  table2:",
        "  train:",
        "studies.train: names another target (reserved: ablations_data, ablations_runs, all,",
    ),
    "a study named as a part of another": (
        "  table2:",
        "  table1_runs:",
        "studies.table1_runs: names another target (reserved:",
    ),
    "a model that is renamed": (
        "{zoo: resnet18, set: {width: 8}}",
        "{zoo: resnet18, name: wide, set: {width: 8}}",
        "models.resnet18_small.name: no such key here (allowed: set, zoo)",
    ),
    "a dataset that is renamed": (
        "{source: digits}",
        "{source: digits, name: cifar10}",
        "datasets.digits.name: no such key here (allowed: image_size, path, per_class, source)",
    ),
    "an endless learning rate": (
        "lr: 0.001, momentum",
        "lr: 1e400, momentum",
        "phases.sgd.optimizer.lr: Input should be a finite number, not inf",
    ),
    "a learning rate that is no number": (
        "lr: 0.001, momentum",
        "lr: .nan, momentum",
        "phases.sgd.optimizer.lr: Input should be a valid number, not '.nan'",
    ),
    "no YAML": ("study: demo", "study: [demo", "not YAML"),
}


ELSEWHERE = {
    "key left out": "training:",
    "edit that does not fit": "gelu_after_conv: {edits",
}
"""Text on the line that is told, where it is not the edited one."""


@pytest.mark.parametrize("case", WRONG)
def test_a_fault_is_told_with_its_line_and_key(case: str, tmp_path: Path) -> None:
    old, new, expected = WRONG[case]
    said = complaint(tmp_path, old, new)
    assert expected in said
    where = ELSEWHERE.get(case, old.strip())
    assert case == "no YAML" or f"params.yaml:{line_of(where)}:" in said


@pytest.mark.parametrize(
    ("old", "new", "allowed"),
    [
        ("profile_batch:", "profile_bach:", "datasets, mirror, models"),
        ("{source: digits}", "{source: digits, sise: 8}", "image_size, path, per_class, source"),
        ("momentum: 0.9", "momentun: 0.9", "lr, momentum, weight_decay"),
        ("{operations: 1,", "{operation: 1,", "magnitude, operations"),
        ("in_all: false", "in_al: false", "in_all, runs, title"),
        (
            "recipes: [adamw, dualopt]}",
            "recipes: [adamw], seed: 1}",
            "datasets, models, recipes, seeds",
        ),
    ],
)
def test_a_misspelt_key_is_told_its_neighbours_at_any_depth(
    tmp_path: Path, old: str, new: str, allowed: str
) -> None:
    assert f"no such key here (allowed: {allowed}" in complaint(tmp_path, old, new)


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(SHIPPED.replace("lr: 0.001", "lr: -1").replace("momentum: 0.9", "momentum: 2"))
    with pytest.raises(ParamsError) as caught:
        load(path)
    assert "phases.adamw.optimizer.lr" in str(caught.value)
    assert "phases.sgd.optimizer.momentum" in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ParamsError, match=r"params\.yaml: No such file"):
        load(tmp_path / "params.yaml")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "params.yaml: is empty"),
        (b"- study", "params.yaml:1: the file: Input should be an object, not ['study']"),
        (b"demo", "params.yaml:1: the file: Input should be an object, not 'demo'"),
        (b"null", "params.yaml:1: the file: Input should be an object, not None"),
        ("study: d\u00e9mo".encode("latin-1"), "params.yaml: is not UTF-8: "),
        ("study: demo".encode("utf-16"), "params.yaml: is not UTF-8: "),
        (b"study: &self [*self]", "params.yaml: is nested too deeply, or an anchor holds itself"),
        (b"[" * 2000, "params.yaml: is nested too deeply, or an anchor holds itself"),
        (b"[" * 250 + b"]" * 250, "params.yaml:1: the file: Invalid JSON: recursion limit"),
        (b"study: !!int demo", "params.yaml: not YAML: "),
        (b"? [study]\n: demo", "params.yaml: not YAML: "),
    ],
)
def test_a_file_that_holds_no_settings_is_told_so(
    tmp_path: Path, content: bytes, said: str
) -> None:
    path = tmp_path / "params.yaml"
    path.write_bytes(content)
    with pytest.raises(ParamsError) as caught:
        load(path)
    assert str(caught.value).startswith(f"{tmp_path}/{said}")


def test_the_names_of_rules_are_reserved() -> None:
    rules = (file.read_text() for file in (ROOT / "workflow" / "rules").glob("*.smk"))
    assert {name for text in rules for name in re.findall(r"^rule (\w+):", text, re.M)} == RULES


def test_a_study_may_be_named_after_a_part_of_none(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(SHIPPED.replace("  table2:", "  table2_runs:"))
    assert "table2_runs" in load(path).studies


@pytest.mark.parametrize(
    "word",
    "010 0o17 0x1F -3 1e-3 1.0e-8 1. -.5 1:30 1e 0o8 true FALSE no on tRUE ~ null ''".split(),  # noqa: SIM905
)
def test_a_word_means_what_it_means_to_dvc(tmp_path: Path, word: str) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(f"word: {word}")
    data, *_ = _read(path)
    assert repr(data) == repr(parse_yaml(path.read_text(), path))


def test_dvc_sets_a_value_of_one_phase_alone(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    before = load(ROOT / "params.yaml").phases
    for name in before:
        path.write_text(SHIPPED)
        apply_overrides(path, [f"phases.{name}.optimizer.lr=0.5", f"phases.{name}.batch=7"])
        after = load(path).phases
        assert {phase for phase in before if after[phase] != before[phase]} == {name}
        assert (after[name].optimizer.lr, after[name].batch) == (0.5, 7)


def test_scientific_notation_without_a_dot_is_a_number(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(SHIPPED.replace("eps: 1.0e-8", "eps: 1e-8"))
    assert (
        load(path).phases["adamw"].optimizer == load(ROOT / "params.yaml").phases["adamw"].optimizer
    )


def test_the_defaults_are_the_papers() -> None:
    params = load(ROOT / "params.yaml")
    adamw, sgd = (params.phases[name] for name in params.recipes["dualopt"])
    assert adamw.optimizer.model_dump() == {
        "name": "AdamW",
        "lr": 0.001,
        "betas": (0.9, 0.999),
        "eps": 1e-8,
        "weight_decay": 0.01,
    }
    assert (sgd.optimizer.lr, sgd.optimizer.model_dump()["momentum"]) == (0.001, 0.9)
    assert (adamw.patience, params.seeds, params.profile_batch) == (20, (0, 1, 2), 32)
    assert (params.training.select_on, params.training.autocast_cuda) == ("test", "float16")
    assert adamw.randaugment is None
