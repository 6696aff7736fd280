"""A file of settings is read in time and memory that its size bounds, whatever stands in it."""

import time
from pathlib import Path

import pytest
import samples

from cxv.config.load import MOST_SHOWN, ParamsError, load
from cxv.config.yaml_size import MOST_BYTES, MOST_VALUES

LAUGHS = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 30)
)
MERGED = "a0: &a0 {k: 1}\n" + "".join(
    f"a{i}: &a{i} {{<<: [{', '.join([f'*a{i - 1}'] * 9)}]}}\n" for i in range(1, 20)
)
SECONDS = 60
"""Of a slow machine; without a bound it would be years."""


def complaint(root: Path, text: str) -> str:
    path = root / "params.yaml"
    path.write_text(text)
    before = time.process_time()
    with pytest.raises(ParamsError) as caught:
        load(path)
    assert time.process_time() - before < SECONDS
    return str(caught.value).removeprefix(str(path))


@pytest.mark.parametrize("text", [LAUGHS, MERGED], ids=["lists", "merges"])
def test_aliases_of_aliases_are_counted_before_they_are_written_out(
    tmp_path: Path, text: str
) -> None:
    said = complaint(tmp_path, text)
    assert said.startswith(": holds ")
    assert said.endswith(
        f"values with its aliases written out; settings have at most {MOST_VALUES:,}"
    )


def test_a_list_of_ten_megabytes_is_not_read(tmp_path: Path) -> None:
    said = complaint(tmp_path, f"x: [{'0,' * 5_000_000}]")
    assert said == f": holds more than {MOST_BYTES:,} bytes; settings have at most as many"


@pytest.mark.slow
def test_a_device_without_an_end_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "params.yaml").symlink_to("/dev/zero")
    with pytest.raises(ParamsError, match=f"holds more than {MOST_BYTES:,} bytes"):
        load(tmp_path / "params.yaml")


def test_many_faults_are_counted_and_long_values_cut_off(tmp_path: Path) -> None:
    seeds = ", ".join(["x"] * 20_000)
    said = complaint(tmp_path, samples.GRID.replace("seeds: [0, 1]", f"seeds: [{seeds}]"))
    assert said.count("\n") == MOST_SHOWN
    assert said.endswith(f"params.yaml: {20_000 - MOST_SHOWN} faults more")
    said = complaint(tmp_path, samples.GRID.replace("study: small", f"study: [{seeds}]"))
    assert len(said) < 500


def test_a_seed_that_stands_twice_among_many_is_found(tmp_path: Path) -> None:
    seeds = ", ".join(map(str, [*range(30_000), 7]))
    said = complaint(tmp_path, samples.GRID.replace("seeds: [0, 1]", f"seeds: [{seeds}]"))
    assert said == ":3: seeds: each seed once, not 7 twice"
