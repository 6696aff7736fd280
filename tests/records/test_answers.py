"""The file of a run that tells which images each epoch answers rightly."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

from cxv.records.answers import load_answers, save_answers

BITS = [
    [1, 0, 0, 1, 1, 0, 1, 0, 0, 1, 1],
    [0, 1, 1, 1, 0, 0, 0, 1, 1, 0, 0],
]
"""Of two epochs on eleven images: the second byte of an epoch is not full."""
PACKED = np.array([[0b10011010, 0b01100000], [0b01110001, 0b10000000]], dtype=np.uint8)


def test_each_bit_comes_back_in_the_order_of_the_split(tmp_path: Path) -> None:
    save_answers(tmp_path / "answers.npz", PACKED, 11)
    right = load_answers(tmp_path / "answers.npz")
    assert right.dtype == bool
    assert right.tolist() == np.array(BITS, dtype=bool).tolist()


def test_no_epoch_leaves_a_table_without_rows(tmp_path: Path) -> None:
    save_answers(tmp_path / "answers.npz", np.zeros((0, 2), dtype=np.uint8), 11)
    assert load_answers(tmp_path / "answers.npz").shape == (0, 11)


def test_no_date_is_in_the_file(tmp_path: Path) -> None:
    """Two trainings at different times are to leave equal bytes."""
    save_answers(tmp_path / "answers.npz", PACKED, 11)
    with zipfile.ZipFile(tmp_path / "answers.npz") as file:
        assert {entry.date_time for entry in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_an_epoch_of_cifar10_takes_a_bit_an_image(tmp_path: Path) -> None:
    """Answers that no compression makes smaller: 50 epochs of 1.25 kB, and the frame of a file."""
    draws = np.random.default_rng(0)
    save_answers(
        tmp_path / "answers.npz", draws.integers(256, size=(50, 1250), dtype=np.uint8), 10**4
    )
    assert 50 * 1250 < (tmp_path / "answers.npz").stat().st_size < 50 * 1250 + 700


@pytest.mark.parametrize("images", [8, 17])
def test_bytes_for_another_number_of_images_are_refused(tmp_path: Path, images: int) -> None:
    save_answers(tmp_path / "answers.npz", PACKED, images)
    with pytest.raises(ValueError, match=rf"answers\.npz: \(2, 2\) bytes for {images} images"):
        load_answers(tmp_path / "answers.npz")


def test_a_list_of_bytes_is_no_table_of_epochs(tmp_path: Path) -> None:
    file = io.BytesIO()
    np.savez(file, packed=PACKED[0], images=np.int64(11))
    (tmp_path / "answers.npz").write_bytes(file.getvalue())
    with pytest.raises(ValueError, match=r"\(2,\) bytes for 11 images"):
        load_answers(tmp_path / "answers.npz")
