"""Samples tell quantities apart: where two are equal, a test cannot see one taken for the other."""

from collections import Counter
from collections.abc import Iterator
from itertools import chain, combinations
from pathlib import Path

import pytest
import samples
from tracked import HISTORY, OUTCOME

from cxv.config.grid import Params
from cxv.config.strict_model import StrictModel, flat
from cxv.records.costs import ProfileRecord
from cxv.records.history import load_history
from cxv.records.run import Outcome, RunRecord

SHARED = {"test_images"}  # of a dataset


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("samples")


@pytest.fixture(scope="module")
def params(root: Path) -> Params:
    params = samples.grid(root)
    samples.make(params, "small", root)
    return params


def runs(params: Params, root: Path) -> Iterator[RunRecord]:
    for run in params.runs("small").values():
        yield RunRecord.load(root / "runs" / run.id / "metrics.json", run)


def numbers(value: StrictModel) -> dict[str, float]:
    found = flat(value.model_dump(mode="json"))
    return {key: x for key, x in found.items() if isinstance(x, float | int)}


def equal(found: dict[str, float]) -> list[tuple[str, str]]:
    return [(one, other) for one, other in combinations(found, 2) if found[one] == found[other]]


def test_no_two_numbers_of_an_outcome_are_equal(params: Params, root: Path) -> None:
    records = list(runs(params, root))
    assert sum(record.outcome.switch is not None for record in records) > 5
    alike = [set(equal(numbers(record.outcome))) for record in records]
    assert set().union(*alike) <= {("best_epoch", "switch.epoch")}  # of one in many
    assert sum(map(bool, alike)) < 3
    assert equal(numbers(OUTCOME)) == []


def test_no_two_records_share_what_is_measured(params: Params, root: Path) -> None:
    keys = Outcome.model_fields.keys() - {"best_epoch", "epochs", "ended_by", "switch"} - SHARED
    for key in keys:
        values = Counter(getattr(record.outcome, key) for record in runs(params, root))
        assert max(values.values()) == 1 or key in {"top1", "loss"}, key
    assert len({record.outcome.ended_by for record in runs(params, root)}) == 2


def test_a_record_is_the_one_of_its_history(params: Params, root: Path) -> None:
    """The best epoch is not the last, and a switch starts from the best of the phase before."""
    found = {record.spec.id: record.outcome for record in runs(params, root)}
    for run in params.runs("small").values():
        history, mine = load_history(root / "runs" / run.id / "history.csv"), found[run.id]
        top1 = [epoch.top1 for epoch in history]
        assert (mine.selected_top1, mine.last_top1) == (max(top1), top1[-1])
        assert (mine.epochs, mine.best_epoch) == (len(top1), 1 + top1.index(max(top1)))
        assert mine.best_epoch < mine.epochs
        if run.parent:
            assert mine.switch is not None
            before = found[run.parent.id].selected_top1
            assert mine.switch.before == before
            assert mine.switch.jump == top1[0] - before
            assert mine.switch.gain == max(top1) - before
            earlier = [found[link.id].epochs for link in run.parent.chain]
            assert mine.switch.epoch == sum(earlier)


def test_no_two_costs_of_a_profile_are_equal(params: Params, root: Path) -> None:
    for profile in params.profiles("small").values():
        path = root / "profiles" / profile.id / "profile.json"
        measured = ProfileRecord.load(path, profile).measured
        whole = measured.model_copy(update={"peak_memory": (), "uncounted": {}})
        assert equal(numbers(whole)) == []
        parts = [numbers(peak) for peak in measured.peak_memory]
        assert [equal(peak) for peak in parts] == [[]] * 12
        peaks = [peak["predicted_peak_bytes"] for peak in parts]
        assert len(set(peaks)) == len(peaks)
        kept = ("weight", "optimizer", "gradient", "activation", "temporary")
        for peak in parts:
            assert peak["predicted_peak_bytes"] == sum(peak[f"predicted_{x}_bytes"] for x in kept)


def test_no_two_numbers_of_a_tracked_epoch_are_equal() -> None:
    assert [equal(numbers(epoch)) for epoch in HISTORY] == [[]] * len(HISTORY)
    assert set(chain.from_iterable(numbers(epoch) for epoch in HISTORY)) >= {"loss", "top1", "lr"}
