"""What a user gets wrong in params.yaml is reported with file, line, key and what is allowed."""

import re
from pathlib import Path

import pytest
from dvc.utils.hydra import apply_overrides
from dvc.utils.serialize import parse_yaml
from wrong_params import ELSEWHERE, WRONG

from cxv.config.grid import RULES
from cxv.config.load import ParamsError, load
from cxv.config.yaml_file import MOST_NESTED, read
from cxv.jobs import check

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = (ROOT / "params.yaml").read_text().replace("data/paper ", f"{ROOT}/data/paper ", 1)


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


@pytest.mark.parametrize("case", WRONG)
def test_a_fault_is_reported_with_its_line_and_key(case: str, tmp_path: Path) -> None:
    old, new, expected = WRONG[case]
    said = complaint(tmp_path, old, new)
    assert expected in said
    where = ELSEWHERE.get(case, old.strip())
    assert case == "no YAML" or f"params.yaml:{line_of(where)}:" in said


@pytest.mark.parametrize(
    ("old", "new", "allowed"),
    [
        ("profile_batch:", "profile_bach:", "checkpoint_seconds, datasets, gpus"),
        ("{source: digits}", "{source: digits, sise: 8}", "image_size, path, per_class, resize"),
        ("momentum: 0.9", "momentun: 0.9", "dampening, lr, maximize, momentum"),
        ("operations: 1,", "operation: 1,", "deviation, magnitude, operations"),
        ("in_all: false", "in_al: false", "from_paper, in_all, measured, runs, title"),
        (
            "recipes: [adamw, dualopt]}",
            "recipes: [adamw], seed: 1}",
            "datasets, models, recipes, seeds",
        ),
    ],
)
def test_a_misspelt_key_is_shown_its_neighbours_at_any_depth(
    tmp_path: Path, old: str, new: str, allowed: str
) -> None:
    assert f"no such key here (allowed: {allowed}" in complaint(tmp_path, old, new)


def test_a_key_that_is_no_name_is_reported_once(tmp_path: Path) -> None:
    said = complaint(tmp_path, "softmax_kernel: {set:", "softmax kernel: {set:")
    assert said.count("must be a name of") == 1


def test_every_fault_is_reported_at_once(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(SHIPPED.replace("lr: 0.001", "lr: -1").replace("batch: 32", "batch: 0"))
    with pytest.raises(ParamsError) as caught:
        load(path)
    assert "phases.adamw_lite.optimizer.lr" in str(caught.value)
    assert "phases.sgd_lite.batch" in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ParamsError, match=r"params\.yaml: No such file"):
        load(tmp_path / "params.yaml")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "params.yaml: is empty"),
        (b"- study", "params.yaml:1: the file: must be a mapping of keys to values, not ['study']"),
        (b"demo", "params.yaml:1: the file: must be a mapping of keys to values, not 'demo'"),
        (b"null", "params.yaml:1: the file: must be a mapping of keys to values, not None"),
        ("study: d\u00e9mo".encode("latin-1"), "params.yaml: is not UTF-8: "),
        ("study: demo".encode("utf-16"), "params.yaml: is not UTF-8: "),
        (b"study: &self [*self]", "params.yaml: is nested too deeply, or an anchor holds itself"),
        (b"[" * 2_000 + b"]" * 2_000, "params.yaml: is nested too deeply, or an anchor holds"),
        (b"[" * 200_000, "params.yaml: is nested too deeply, or an anchor holds itself"),
        (b"- " * 200_000, "params.yaml: is nested too deeply, or an anchor holds itself"),
        (b"study: [demo", "params.yaml: not YAML: while parsing a flow sequence"),
        (b"[" * 250 + b"]" * 250, "params.yaml:1: the file: is nested too deeply"),
        (b"study: !!int demo", "params.yaml: not YAML: "),
        (b"? [study]\n: demo", "params.yaml: not YAML: "),
    ],
    ids=lambda part: repr(part[:10]) if isinstance(part, bytes) else "",
)
def test_a_file_that_holds_no_settings_is_refused_as_such(
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
    data, *_ = read(path, ParamsError)
    assert repr(data) == repr(parse_yaml(path.read_text(), path))
    path.write_text(f"word: {word} # {'[' * MOST_NESTED}")  # read by Python
    assert repr(read(path, ParamsError)[0]) == repr(data)


@pytest.mark.slow
def test_dvc_sets_a_value_of_one_phase_alone(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    before, own = load(ROOT / "params.yaml").phases, parse_yaml(SHIPPED, path)["phases"]
    for name in own:
        path.write_text(SHIPPED)
        apply_overrides(path, [f"phases.{name}.optimizer.lr=0.5", f"phases.{name}.batch=7"])
        after = load(path).phases
        assert {phase for phase in before if after[phase] != before[phase]} == {name}
        assert (after[name].optimizer.lr, after[name].batch) == (0.5, 7)


def test_scientific_notation_without_a_dot_is_a_number(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(SHIPPED.replace("eps: 1.0e-8", "eps: 1e-8"))
    now, before = load(path).phases, load(ROOT / "params.yaml").phases
    assert now["adamw_lite"].optimizer == before["adamw_lite"].optimizer


def test_the_defaults_are_the_papers() -> None:
    params = load(ROOT / "params.yaml")
    adamw, sgd = (params.phases[name] for name in params.recipes["dualopt"])
    assert adamw.optimizer.model_dump() == {
        "name": "AdamW",
        "lr": 0.001,
        "betas": [0.9, 0.999],
        "eps": 1e-8,
        "weight_decay": 0.01,
        "amsgrad": False,
        "maximize": False,
    }
    assert (sgd.optimizer.lr, sgd.optimizer.model_dump()["momentum"]) == (0.001, 0.9)
    assert (adamw.patience, params.seeds, params.profile_batch) == (20, (0, 1, 2), 32)
    assert (params.training.select_on, params.training.autocast_cuda) == ("test", "auto")
    assert adamw.augment == ()
