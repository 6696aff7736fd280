"""What was computed is not computed again, wherever its files went; what was altered, is."""

import logging
from pathlib import Path
from typing import Any

import pytest
from papers import SHIPPED
from resealed import edit, replace
from shared_fixtures import Fetched
from trained import Command, first, phase, small

from cxv.__main__ import main
from cxv.config.spec import Run
from cxv.jobs.counts import job as counting
from cxv.jobs.record_writing import leave_record
from cxv.records.costs import Counted, CountsRecord
from cxv.records.job import Job
from cxv.records.run import RunRecord
from cxv.training import run as training_run
from cxv.training.checkpointing import Checkpointer


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what is trained from here on; a result that is taken is not in it."""
    ids: list[str] = []
    train = training_run.train

    def noted(run: Run, **rest: Any) -> Any:
        ids.append(run.id)
        return train(run, **rest)

    monkeypatch.setattr(training_run, "train", noted)
    return ids


@pytest.fixture
def command(run: Run, digits: Fetched, tmp_path: Path) -> Command:
    return Command(first(small(run), max_epochs=1), digits, tmp_path / "project")


def everything(command: Command) -> dict[str, bytes]:
    folder = command.files.metrics.parent
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_results_that_were_deleted_are_back_without_a_training(
    command: Command, trained: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    assert main(command.arguments) == 0
    made = everything(command)
    for name in made:
        (command.files.metrics.parent / name).unlink()
    assert main(command.arguments) == 0
    assert everything(command) == made
    assert trained == [command.run.id]
    assert f"{command.run.id}: not computed again, taken from" in caplog.text


def test_another_checkout_takes_them_too(
    command: Command, digits: Fetched, tmp_path: Path, trained: list[str]
) -> None:
    other = Command(command.run, digits, tmp_path / "other")
    assert main(command.arguments) == 0
    assert main(other.arguments) == 0
    assert everything(other) == everything(command)
    assert trained == [command.run.id]


def test_an_edit_that_is_taken_back_trains_nothing(
    command: Command, digits: Fetched, trained: list[str]
) -> None:
    """Both write to the same paths, as two specifications under one id do."""
    edited = Command(
        first(command.run, optimizer={"lr": 0.5}, max_epochs=1), digits, command.folder
    )
    assert main(command.arguments) == 0
    before = everything(command)
    assert main(edited.arguments) == 0
    assert everything(command) != before
    assert main(command.arguments) == 0
    assert everything(command) == before
    assert len(trained) == 2


def test_other_data_trains_again(
    command: Command, digits: Fetched, tmp_path: Path, trained: list[str]
) -> None:
    assert main(command.arguments) == 0
    other = tmp_path / "manifest.json"
    other.write_bytes(digits.manifest.read_bytes())
    edit(other, lambda facts: facts.update(sha256="0" * 64))
    place = command.arguments.index(str(digits.manifest))
    command.arguments[place] = str(other)
    assert main(command.arguments) == 1  # the images are not those of this manifest
    assert len(trained) == 2


def test_a_link_is_trained_again_from_other_weights(
    run: Run, digits: Fetched, tmp_path: Path, trained: list[str]
) -> None:
    """Its own specification is the same; the SHA-256 of what it starts from is not."""
    later = phase(run.phases[1], max_epochs=1)
    short = small(run).model_copy(update={"phases": (phase(run.phases[0], max_epochs=1), later)})
    parent = short.parent
    assert parent
    earlier, command = (Command(one, digits, tmp_path / "project") for one in (parent, short))
    start = ["--parent", str(earlier.files.metrics), "--weights", str(earlier.files.checkpoint)]
    assert main(earlier.arguments) == 0
    assert main([*command.arguments, *start]) == 0
    record, checkpoint = earlier.files.metrics, earlier.files.checkpoint
    sha256 = earlier.record().checkpoint_sha256
    replace(record, sha256, "0" * 64)
    assert checkpoint.exists()
    assert main([*command.arguments, *start]) == 1  # the checkpoint is not that record's
    assert trained == [parent.id, short.id]


def test_a_number_that_was_edited_in_place_comes_back_from_the_store(
    command: Command, trained: list[str]
) -> None:
    """An editor that writes into a file does not reach the store's copy of it."""
    assert main(command.arguments) == 0
    whole = command.files.metrics.read_text()
    command.files.metrics.write_text(whole.replace('"top1": 0.', '"top1": 0.9'))
    assert main(command.arguments) == 0
    assert len(trained) == 1
    assert command.files.metrics.read_text() == whole


def test_a_large_file_that_was_edited_in_place_is_computed_again(
    command: Command,
    trained: list[str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The store's file is the same as the one in results, so an edit reaches both."""
    monkeypatch.setattr("cxv.records.store.LINKED_FROM_BYTES", 0)
    assert main(command.arguments) == 0
    predictions = command.files.predictions.read_bytes()
    text = command.files.metrics.read_text()
    command.files.metrics.write_text(text.replace('"top1": 0.', '"top1": 0.9'))
    assert main(command.arguments) == 0
    assert "was altered since it was kept" in caplog.text
    assert len(trained) == 2
    assert command.record().outcome.top1 != 0.9
    assert command.files.predictions.read_bytes() == predictions


def test_a_record_that_this_code_cannot_read_is_computed_again(
    command: Command, trained: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(training_run.RunRecord, "model_dump_json", lambda *_, **__: "{}")
        assert main(command.arguments) == 0
    assert main(command.arguments) == 0
    assert len(trained) == 2
    assert command.record().status == "finished"


def test_a_state_is_kept_until_the_store_has_the_files(
    command: Command, monkeypatch: pytest.MonkeyPatch, trained: list[str]
) -> None:
    """Killed between the two, the training ends again from its last state."""

    class Killed(BaseException): ...

    def killed(_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("cxv.records.store.Shelf.keep", killed)
        with pytest.raises(Killed):
            main(command.arguments)
    states = command.folder / "states"
    assert list(states.rglob("*.pt"))
    saves: list[int] = []
    save = Checkpointer.save
    monkeypatch.setattr(
        Checkpointer, "save", lambda self, learner: (saves.append(1), save(self, learner))
    )
    assert main(command.arguments) == 0
    assert saves == []  # no epoch was trained again
    assert command.record().interruptions == 1
    assert not list(states.rglob("*.pt"))


def test_every_other_record_is_computed_once_too(tmp_path: Path) -> None:
    settings = SHIPPED.description.counts()
    assert settings
    name, network = next(iter(settings.networks.items()))
    small_one = settings.model_copy(update={"networks": {name: network}, "memory": {}})
    counted = dict.fromkeys((field for field in Counted.model_fields if field != "memory"), 1)
    calls: list[object] = []

    def compute(device: object) -> dict[str, Any]:
        calls.append(device)
        return {"counted": {name: counted}}

    paths = [tmp_path / folder / "networks.json" for folder in ("one", "other")]
    for path in paths:
        leave_record(counting(small_one), None, path, compute)
    assert len(calls) == 1
    made, taken = (CountsRecord.load(path, small_one) for path in paths)
    assert made == taken


def test_code_that_was_edited_while_another_process_was_waited_for_is_refused(
    command: Command, trained: list[str], monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    monkeypatch.setattr(Job, "code_on_disk", "edited")
    assert main(command.arguments) == 1
    assert "the code changed after this was planned" in caplog.text
    assert trained == []


def test_the_type_for_amp_on_another_device_trains_nothing_again(
    command: Command, trained: list[str]
) -> None:
    assert main(command.arguments) == 0
    assert main([*command.arguments, "--autocast-cuda", "float32"]) == 0
    assert len(trained) == 1
    assert main([*command.arguments, "--autocast-cpu", "bfloat16"]) == 0
    assert len(trained) == 2
    made = RunRecord.load(command.files.metrics, command.run.on_any_device)
    assert (made.stamp.precision, made.spec.training.autocast_cpu) == ("bfloat16", "bfloat16")
