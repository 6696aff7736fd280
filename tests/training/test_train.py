"""One link of a chain: what it starts from, when it ends, what it keeps, and that it repeats."""

import os
from pathlib import Path

import numpy as np
import pytest
import torch
from resealed import reseal
from shared_fixtures import Fetched
from tiny import same
from trained import Train, first, outputs, phase, training

from cxv.config.spec import Run
from cxv.data.archives import DataError
from cxv.data.manifest import Manifest
from cxv.data.tensors import checksum, load
from cxv.records.answers import load_answers
from cxv.records.history import load_history
from cxv.records.run import RunRecord
from cxv.records.seal import AlteredError, RecordError
from cxv.training import run as training_run
from cxv.training.seeds import seed_for
from cxv.training.setup import network

pytestmark = pytest.mark.slow


def test_real_scans_are_learned_and_everything_is_left_behind(
    run: Run, train: Train, tmp_path: Path
) -> None:
    record = train(first(run))
    files = outputs(tmp_path / "out" / first(run).id)
    history = load_history(files.history)
    assert history[-1].loss < 0.7 * history[0].loss
    assert record.outcome.top1 is not None
    assert record.outcome.top1 > 0.3  # chance is 0.1
    assert [epoch.epoch for epoch in history] == list(range(1, record.outcome.epochs + 1))
    assert RunRecord.load(files.metrics, first(run)) == record
    with np.load(files.predictions) as kept:
        assert (kept["predicted"] == kept["label"]).mean() == pytest.approx(record.outcome.top1)
        assert kept["log_probability"].shape == (record.outcome.test_images,) == (100,)
        right = load_answers(files.answers)
        assert np.array_equal(
            right[record.outcome.best_epoch - 1], kept["predicted"] == kept["label"]
        )
    assert right.mean(axis=1) == pytest.approx([epoch.top1 for epoch in history])


def test_two_runs_of_one_specification_are_identical(
    run: Run, train: Train, tmp_path: Path
) -> None:
    spec = first(run, max_epochs=2)
    kept = []
    for folder in ("one", "two"):
        record = train(spec, folder)
        files = outputs(tmp_path / folder / spec.id)
        same = (files.answers, files.predictions)
        kept.append((record.checkpoint_sha256, *(path.read_bytes() for path in same)))
    assert kept[0] == kept[1]
    other = train(spec.model_copy(update={"seed": 1}), "other")
    assert other.checkpoint_sha256 != kept[0][0]


def test_a_link_starts_where_the_one_before_ended(run: Run, train: Train) -> None:
    adamw = first(run, max_epochs=3)
    still = phase(run.phases[1], max_epochs=1, optimizer={"lr": 1e-12})
    sgd = run.model_copy(update={"phases": (*adamw.phases, still)})
    before = train(adamw)
    after = train(sgd, before=adamw)
    assert after.parent_sha256 == before.checkpoint_sha256
    assert after.outcome.top1 == before.outcome.top1


class Trap:
    """Makes a folder when it is unpickled carelessly."""

    def __init__(self, victim: Path) -> None:
        self.victim = victim

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.victim),)


def test_a_checkpoint_that_holds_code_runs_none(run: Run, train: Train, tmp_path: Path) -> None:
    """Whoever forged it forged the checksum in its record too."""
    spec = first(run, max_epochs=1)
    train(spec)
    files = outputs(tmp_path / "out" / spec.id)
    torch.save({"weights": Trap(tmp_path / "ran")}, files.checkpoint)
    reseal(files.metrics.parent)
    with pytest.raises(AlteredError, match=r"missing or altered: Weights only load failed"):
        training_run.load_before(spec, files.metrics, files.checkpoint)
    assert not (tmp_path / "ran").exists()


def test_another_runs_checkpoint_is_refused(run: Run, train: Train, tmp_path: Path) -> None:
    spec = first(run, max_epochs=1)
    train(spec)
    files = outputs(tmp_path / "out" / spec.id)
    with pytest.raises(RecordError, match=r"phases\.0\.max_epochs: 1 != 2"):
        training_run.load_before(first(run, max_epochs=2), files.metrics, files.checkpoint)
    files.checkpoint.write_bytes(files.checkpoint.read_bytes()[:-1])
    with pytest.raises(RecordError, match=r"checkpoint\.pt: altered"):
        training_run.load_before(spec, files.metrics, files.checkpoint)


def test_images_that_are_not_those_of_their_manifest_train_nothing(
    run: Run, train: Train, digits: Fetched, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    altered = torch.load(digits.images, weights_only=True)
    altered["train_images"][0, 0, 0, 0] += 1
    torch.save(altered, tmp_path / "altered.pt")
    monkeypatch.setattr("shared_fixtures.Fetched.images", tmp_path / "altered.pt")
    with pytest.raises(DataError, match=r"altered\.pt: altered: SHA-256"):
        train(first(run))
    assert not (tmp_path / "out").exists()


def test_a_loss_that_is_not_finite_in_the_first_epoch_leaves_the_first_weights(
    run: Run, train: Train, tmp_path: Path, digits: Fetched
) -> None:
    wild = first(run, optimizer={"lr": 1e30}, max_epochs=4)
    record = train(wild)
    assert (record.status, record.outcome.ended_by) == ("diverged", "diverged")
    assert (record.outcome.top1, record.outcome.loss) == (None, None)
    assert (record.outcome.selected_top1, record.outcome.best_epoch) == (None, 0)
    saved = torch.load(outputs(tmp_path / "out" / wild.id).checkpoint, weights_only=True)
    assert same(saved["weights"], network(wild, Manifest.load(digits.manifest), None).state_dict())
    both = run.model_copy(update={"phases": (*wild.phases, run.phases[1])})
    after = train(both, before=wild)
    assert (after.status, after.outcome.epochs) == ("diverged", 0)
    for spec in (wild, both):
        assert load_answers(outputs(tmp_path / "out" / spec.id).answers).shape == (0, 100)


def test_selection_on_a_validation_split_never_sees_the_test_images(
    run: Run, train: Train, digits: Fetched, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = training(first(run, max_epochs=2), select_on="validation", validation_fraction=0.1)
    record = train(spec)
    shuffled = torch.load(digits.images, weights_only=True)
    shuffled["test_labels"] = shuffled["test_labels"].roll(1)
    images, manifest = tmp_path / "shuffled.pt", tmp_path / "manifest.json"
    torch.save(shuffled, images)
    facts = Manifest.load(digits.manifest).model_copy(update={"sha256": checksum(load(images))})
    manifest.write_text(facts.text())
    monkeypatch.setattr("shared_fixtures.Fetched.images", images)
    monkeypatch.setattr("shared_fixtures.Fetched.manifest", manifest)
    again = train(spec, "again")
    assert again.checkpoint_sha256 == record.checkpoint_sha256
    assert again.outcome.selected_top1 == record.outcome.selected_top1
    assert again.outcome.top1 != record.outcome.top1
    right = load_answers(outputs(tmp_path / "out" / spec.id).answers)
    assert right.shape == (2, 20)  # a tenth of 200 training images
    assert right.mean(axis=1).max() == pytest.approx(record.outcome.selected_top1)


def test_randaugment_changes_the_training_and_repeats(run: Run, train: Train) -> None:
    spec = first(run, max_epochs=1)
    augmented = first(
        run, max_epochs=1, augment=[{"name": "randaugment", "operations": 1, "magnitude": 5}]
    )
    assert train(augmented).checkpoint_sha256 == train(augmented, "again").checkpoint_sha256
    assert train(augmented).checkpoint_sha256 != train(spec).checkpoint_sha256


def test_seeds_differ_by_purpose_link_and_run() -> None:
    seeds = [
        seed_for(seed, purpose, link)
        for seed in range(3)
        for purpose in ("init", "order", "augment", "dropout")
        for link in range(3)
    ]
    assert len(set(seeds)) == len(seeds)
