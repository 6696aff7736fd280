"""The epochs of a training as files: what a second run repeats in one, the times in the other."""

from pathlib import Path

import pytest

from cxv.records.history import Epoch, TimedEpoch, load_history, load_timed_history, save_history

EPOCHS = tuple(
    TimedEpoch(
        epoch=number,
        loss=1 / (3 * number),  # needs every digit
        top1=number / 7,
        lr=1e-3 / number,
        time=1.7e9 + number / 3,
        images_per_second=100.1 * number,
    )
    for number in (1, 2, 3)
)


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    return tmp_path / "history.csv", tmp_path / "timing.csv"


def test_epochs_come_back_to_the_last_digit(files: tuple[Path, Path]) -> None:
    save_history(*files, EPOCHS)
    assert load_timed_history(*files) == EPOCHS
    assert load_history(files[0]) == tuple(
        Epoch(epoch=e.epoch, loss=e.loss, top1=e.top1, lr=e.lr) for e in EPOCHS
    )


def test_no_time_is_in_the_history_and_nothing_else_in_the_times(files: tuple[Path, Path]) -> None:
    save_history(*files, EPOCHS)
    history, timing = (path.read_bytes().split(b"\n") for path in files)
    assert history[0] == b"epoch,loss,top1,lr"
    assert timing[0] == b"epoch,time,images_per_second"
    assert len(history) == len(timing) == 1 + len(EPOCHS) + 1  # a header, and the last line's end


def test_no_epoch_leaves_the_headers(files: tuple[Path, Path]) -> None:
    save_history(*files, ())
    assert load_timed_history(*files) == load_history(files[0]) == ()


def test_a_file_without_end_of_its_last_line_is_read_whole(files: tuple[Path, Path]) -> None:
    save_history(*files, EPOCHS)
    files[0].write_bytes(files[0].read_bytes().removesuffix(b"\n").replace(b"\n", b"\r\n"))
    assert [epoch.epoch for epoch in load_history(files[0])] == [1, 2, 3]


def test_files_of_different_trainings_do_not_make_a_history(files: tuple[Path, Path]) -> None:
    save_history(*files, EPOCHS)
    save_history(files[0], files[0].with_name("other.csv"), EPOCHS[:2])
    with pytest.raises(ValueError, match="zip"):
        load_timed_history(*files)
