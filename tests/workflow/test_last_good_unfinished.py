"""What a killed job has left is never taken for what a good run left."""

import signal
from pathlib import Path

import pytest
from small_workflow import GOOD, Small

from workflow import last_good


@pytest.fixture
def small(tmp_path: Path) -> Small:
    return Small(tmp_path)


@pytest.mark.slow
def test_part_of_the_outputs_of_a_killed_job_does_not_cost_the_good_ones(small: Small) -> None:
    small.make()
    small.write("settings", "two")
    small.kill("rm -r made/folder")
    assert small.files() == {"made/file": b"two", "shown/table": b"one"}
    assert "Params have changed" in small.make(0, "-n")
    assert small.files() == GOOD
    (small.folder / "began").unlink()
    small.kill("rm -r made/folder", signal.SIGINT)  # Ctrl-C: Snakemake removes nothing
    assert small.files() == GOOD
    assert small.aside() == []


@pytest.mark.slow
def test_what_a_killed_first_run_left_is_not_put_back_as_whole(small: Small) -> None:
    small.kill()
    assert small.files() == {"made/file": b"one", "made/folder/x": b"one"}
    small.write("job", "exit 1")
    small.make(1, "--rerun-incomplete")
    assert small.files() == {}
    assert small.aside() == []


@pytest.mark.slow
def test_what_failed_is_no_record_of_a_file_without_one(small: Small) -> None:
    small.make(0, "--drop-metadata")
    small.write("settings", "two")
    small.write("job", "exit 1")
    small.make(1, "--forcerun", "made")
    assert small.files() == GOOD
    small.write("settings", "one")
    assert "Nothing to be done" in small.make(0, "-n")


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    monkeypatch.chdir(tmp_path)
    paths = [Path("run one/weights"), Path("run one/record")]
    paths[0].parent.mkdir()
    for path in paths:
        path.write_text("good")
    return paths


def test_a_job_that_is_started_anew_after_a_kill_keeps_the_good_outputs(
    weights: list[Path],
) -> None:
    """Slurm starts a preempted job again, whose command learns nothing of it."""
    last_good.set_aside(weights)
    assert not any(path.exists() for path in weights)
    weights[0].write_text("half")
    last_good.set_aside(weights)
    weights[0].unlink()  # by Snakemake
    last_good.put_back_of_dead_commands()
    assert [path.read_text() for path in weights] == ["good", "good"]
    assert list(last_good.FOLDER.iterdir()) == []


def test_a_kill_between_two_moves_costs_nothing(
    weights: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed_at_the_second(path: Path, target: Path) -> Path:
        if path == weights[1]:
            raise KeyboardInterrupt
        return rename(path, target)

    rename = Path.rename
    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", killed_at_the_second)
        with pytest.raises(KeyboardInterrupt):
            last_good.set_aside(weights)
    assert [path.exists() for path in weights] == [False, True]
    last_good.set_aside(weights)
    last_good.put_back_of_dead_commands()
    assert [path.read_text() for path in weights] == ["good", "good"]


def test_what_cannot_be_set_aside_is_withdrawn_all_the_same(
    weights: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def other_disk(*_: Path) -> Path:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(Path, "rename", other_disk)
    last_good.set_aside(weights)
    assert [path.read_text() for path in weights] == ["good", "good"]
    last_good.withdraw(weights, [])
    assert not any(path.exists() for path in weights)


def test_a_kill_while_old_outputs_are_removed_leaves_no_note_of_them(
    weights: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A note without files would give new files the records of the old ones."""

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    last_good.set_aside(weights)
    for path in weights:
        path.write_text("new")
    (note,) = last_good.FOLDER.glob("*/note.json")
    monkeypatch.setattr("shutil.rmtree", killed)
    with pytest.raises(KeyboardInterrupt):
        last_good.put_back_of_dead_commands()
    assert not note.exists()
