"""Names and numbers that no study can mean are refused by their key."""

from pathlib import Path

import pytest
import samples

from cxv.config.load import ParamsError, load

LONG = "n" * 300


def complaint(root: Path, *changes: tuple[str, str]) -> str:
    text = samples.GRID
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = root / "params.yaml"
    path.write_text(text)
    with pytest.raises(ParamsError) as caught:
        load(path)
    return str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("cpu_threads: 1", "cpu_threads: 100000", "training.cpu_threads: 100000 threads: at most"),
        ("profile_batch: 8", "profile_batch: 9000000", "profile_batch: 9000000 images: at most"),
        ("batch: 64", f"batch: 1{20 * '0'}", "phases.adamw.batch: 1000"),
        ("magnitude: 1}", "magnitude: 1}, {name: cutout, side: 9000000}", "augment.1.side: 9000"),
        ("operations: 1", "operations: 1000", "phases.adamw_ra.augment.0.operations: 1000 oper"),
        ("max_epochs: 8", "max_epochs: 8\n    max_seconds: 0.5", "max_seconds: 0.5 seconds end"),
        ("{dim: 32}", f"{{dim: {10**30}}}", "models.cpv_small.set.dim: 1000"),
        ("{dim: 32}", f"{{stem: {{depth: {10**8}}}}}", "models.cpv_small.set.stem.depth: 1000"),
        ("gelu: {edits", f"gelu: {{set: {{depth: {10**8}}}, edits", "variants.gelu.set.depth: 10"),
    ],
)
def test_an_absurd_number(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert said in complaint(tmp_path, (old, new))


@pytest.mark.parametrize("name", ["cpv_small", "sgd", "dualopt", "small"])
def test_a_name_that_no_file_could_have(tmp_path: Path, name: str) -> None:
    said = complaint(tmp_path, (name, LONG))
    assert f"{LONG[:200]}...: a name of 300 letters, a part of paths: at most 100" in said


def test_a_block_of_more_runs_than_can_be_planned(tmp_path: Path) -> None:
    seeds = f"seeds: [{', '.join(map(str, range(60_000)))}]"
    said = complaint(tmp_path, ("seeds: [0, 1]", seeds))
    assert "studies.small.runs.0: asks for 240,000 runs: at most 100,000; shorten its" in said
