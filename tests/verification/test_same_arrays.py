"""A second training is compared by what its files hold, not by how this Python packs arrays."""

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cxv.verification.replay import same

ARRAYS: dict[str, Any] = {"predicted": np.arange(9, dtype=np.int16), "label": np.zeros(9, np.int16)}


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """Arrays as NumPy packs them: with the headers for more than 4 GiB."""
    np.savez_compressed(tmp_path / "saved.npz", **ARRAYS)
    return tmp_path / "saved.npz"


def packed(path: Path, arrays: dict[str, np.ndarray], compression: int) -> Path:
    """Pack arrays in another way."""
    with zipfile.ZipFile(path, "w", compression) as file:
        for name, array in arrays.items():
            content = io.BytesIO()
            np.save(content, array)
            file.writestr(f"{name}.npy", content.getvalue())
    return path


@pytest.mark.parametrize("compression", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
def test_equal_arrays_are_the_same_however_they_are_packed(
    saved: Path, tmp_path: Path, compression: int
) -> None:
    other = packed(tmp_path / "other.npz", ARRAYS, compression)
    assert other.read_bytes() != saved.read_bytes()
    assert same(saved, other)


@pytest.mark.parametrize(
    "arrays",
    [
        ARRAYS | {"label": np.eye(1, 9, dtype=np.int16)[0]},
        ARRAYS | {"label": np.zeros(9, np.int32)},
        ARRAYS | {"more": np.zeros(1)},
        {"label": ARRAYS["label"]},
    ],
)
def test_another_value_type_or_array_is_not_the_same(
    saved: Path, tmp_path: Path, arrays: dict[str, np.ndarray]
) -> None:
    assert not same(saved, packed(tmp_path / "other.npz", arrays, zipfile.ZIP_DEFLATED))


def test_what_is_no_archive_is_not_the_same_and_other_files_are_compared_by_their_bytes(
    saved: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.npz"
    broken.write_bytes(b"PK")
    assert not same(saved, broken)
    one, other = tmp_path / "one.csv", tmp_path / "other.csv"
    one.write_text("1")
    other.write_text("1")
    assert same(one, other)
    other.write_text("2")
    assert not same(one, other)
