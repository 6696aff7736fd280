"""A study to begin with is written into params.yaml, and nothing else of the file changes."""

from pathlib import Path

import pytest
import samples

from cxv.cli.new_study import new_study
from cxv.config.load import load
from cxv.errors import UserError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    samples.grid(tmp_path)
    return tmp_path / "params.yaml"


def removed(whole: str, former: str) -> list[str]:
    """Return the lines that were added, if the others are as they were."""
    lines, rest = whole.splitlines(keepends=True), former.splitlines(keepends=True)
    start = next(n for n, line in enumerate([*rest, None]) if line != lines[n])
    count = len(lines) - len(rest)
    assert lines[:start] + lines[start + count :] == rest
    return lines[start : start + count]


@pytest.mark.parametrize(
    "ends", ["", "\n\n# the end\n", "\n  # of this study\ngpus: {share: auto}\n"]
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_sound_study_stands_below_the_others(path: Path, ends: str, line_end: str) -> None:
    former = (path.read_text().rstrip("\n") + ends).replace("\n", line_end)
    path.write_bytes(former.encode())
    before = load(path)
    said = new_study(path, "heads")
    whole = path.read_bytes().decode()
    added = removed(whole, former if former.endswith("\n") else former + line_end)
    assert all(line.endswith(line_end) for line in added)
    assert added[0].strip() == "heads:"
    assert (
        f"{path}:{whole.splitlines().index(added[0].rstrip()) + 1}: added the study heads" in said
    )
    assert said.endswith("-- heads\n")
    after = load(path)
    assert list(after.studies) == [*before.studies, "heads"]
    assert after.model_copy(update={"studies": before.studies}) == before
    assert not after.studies["heads"].in_all
    [block], first = after.studies["heads"].runs, before.studies[before.study].runs[0]
    assert (block.datasets, block.models) == (first.datasets[:1], first.models[:1])
    assert block.recipes == first.recipes


def test_other_names_of_the_file_stand_beside_those_it_begins_with(path: Path) -> None:
    new_study(path, "heads")
    lines = path.read_text().partition("  heads:\n")[2].splitlines()
    [models] = [line for line in lines if line.strip().startswith("models:")]
    own = [*load(path).models]
    begins, _, others = models.partition("  # also: ")
    assert begins.strip() == "models: [cpv_small]"  # as the study that is there begins
    assert others
    assert {*others.removesuffix(" ...").split(", ")} <= {*own} - {"cpv_small"}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("small", "studies.small: is there; choose another name"),
        ("two words", "studies.two words: "),
        ("all", "studies.all"),
        ("x: {}", "nothing was added"),
        ("x\n  y", "nothing was added"),
    ],
)
def test_a_name_that_cannot_be_is_refused_and_the_file_stays(
    path: Path, name: str, said: str
) -> None:
    former = path.read_bytes()
    with pytest.raises(UserError) as refused:
        new_study(path, name)
    assert said in str(refused.value)
    assert str(path) in str(refused.value)
    assert path.read_bytes() == former
    assert [x.name for x in path.parent.glob("tmp*.yaml")] == []


def test_studies_in_braces_are_left_to_their_author(path: Path) -> None:
    text = path.read_text()
    begin = text.index("studies:")
    line = text[:begin].count("\n") + 1
    one = "{small: {title: x, runs: [{datasets: [digits], models: [resnet18], recipes: [adamw]}]}}"
    path.write_text(f"{text[:begin]}studies: {one}\n")
    with pytest.raises(UserError, match=rf"{path}:{line}: studies: stands in braces"):
        new_study(path, "heads")


def test_a_file_that_is_not_sound_is_not_written(path: Path) -> None:
    path.write_text(path.read_text() + "nothing: 1\n")
    with pytest.raises(UserError, match="nothing: no such key"):
        new_study(path, "heads")
