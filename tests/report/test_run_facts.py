"""What stands behind a row, and over the tables: each fact is that of the records."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import samples
from look_up import study_table

from cxv.config.grid import Params
from cxv.records.record import Stamp
from cxv.records.run import RunRecord
from cxv.report.sections.run_facts import of_stamp, own, shared
from cxv.report.sections.summary import summary
from cxv.results.lookup import Gap, RunLookup
from cxv.results.table import Row


@pytest.fixture
def params(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Params:
    monkeypatch.chdir(tmp_path)
    return samples.grid(tmp_path)


@pytest.fixture
def row(params: Params) -> Row:
    """The row of three seeds, of the third phase of a chain."""
    return samples.made(params).rows[-1]


def record(run: RunLookup) -> RunRecord:
    assert isinstance(run.record, RunRecord)
    return run.record


def changed(run: RunLookup, **changes: Any) -> RunLookup:
    return replace(run, record=record(run).model_copy(update=changes))


def stamped(run: RunLookup, **changes: Any) -> RunLookup:
    return changed(run, stamp=record(run).stamp.model_copy(update=changes))


def test_what_all_seeds_have_in_common_is_said_once(row: Row) -> None:
    stamp = record(row.seeds[0]).stamp
    common = {
        "Device": "cpu, float32, deterministic",
        "Commit": stamp.commit,
        "Code": stamp.code,
        "Data SHA-256": record(row.seeds[0]).data_sha256,
    }
    assert shared(row) == common


@pytest.mark.parametrize(
    ("change", "fact", "said"),
    [
        (lambda run: changed(run, data_sha256="other"), "Data SHA-256", "other"),
        (lambda run: stamped(run, code="other"), "Code", "other"),
        (lambda run: stamped(run, commit="a1", dirty=True), "Commit", "a1 + changes"),
        (lambda run: stamped(run, precision="bfloat16"), "Device", "cpu, bfloat16, deterministic"),
    ],
)
@pytest.mark.parametrize("seed", [0, 2])
def test_what_differs_in_one_seed_is_said_of_each(
    row: Row, change: Callable[[RunLookup], RunLookup], fact: str, said: str, seed: int
) -> None:
    seeds = tuple(change(run) if run.spec.seed == seed else run for run in row.seeds)
    common = shared(replace(row, seeds=seeds))
    assert fact not in common
    assert own(seeds[seed], common)[fact] == said
    assert fact in own(seeds[1], common)


def test_the_facts_of_one_seed_are_those_of_its_record(row: Row) -> None:
    run = changed(row.seeds[1], interruptions=2, micro_batch=16)
    got = record(run)
    switch = got.outcome.switch
    assert switch is not None
    facts = dict(own(run, shared(row)))
    assert facts.pop("Epochs").startswith(f"{got.outcome.epochs} in the last phase; weights kept")
    assert facts.pop("Switch").startswith(f"after epoch {switch.epoch} of the chain: top-1 ")
    assert facts.pop("Interrupted").startswith("2 times")
    assert facts == {
        "Run": run.spec.id,
        "Micro-batch": "16 images",
        "Duration": f"{got.stamp.seconds:.0f} s",
        "Starts from": got.parent_sha256,
        "Checkpoint": got.checkpoint_sha256,
        "Specification": run.spec.digest,
    }
    plain = own(row.seeds[1], shared(row))
    assert not {"Interrupted", "Micro-batch"} & plain.keys()


def test_a_seed_without_a_record_says_why(row: Row) -> None:
    lost = replace(row.seeds[0], record=Gap("not run", "not made yet"))
    said = {"Run": lost.spec.id, "Why": "not made yet", "Specification": lost.spec.digest}
    assert own(lost, {}) == said
    assert shared(replace(row, seeds=(lost, *row.seeds[1:]))) == shared(row)
    assert shared(replace(row, seeds=(lost,))) == {}


def test_what_may_differ_in_a_second_run_is_named(row: Row) -> None:
    stamp: Stamp = record(row.seeds[0]).stamp
    doubtful = stamp.model_copy(update={"undetermined": ("a kernel", "the clock")})
    facts = of_stamp(doubtful)
    assert (facts["Device"], facts["May differ"]) == ("cpu, float32", "a kernel; the clock")
    assert "May differ" not in of_stamp(stamp)


def test_the_summary_adds_up_the_records(params: Params) -> None:
    runs = params.runs("small")
    diverged, missing, stale = list(runs)[:3]
    samples.made(params, diverged={diverged}, missing={missing, "cifar10/cnv/base"})
    (samples.RUNS / stale / "metrics.json").write_text("{}")
    found = summary(study_table(params, "small", samples.RUNS, samples.PROFILES))
    records = [
        RunRecord.load(samples.RUNS / id / "metrics.json", run)
        for id, run in runs.items()
        if id not in {missing, stale}
    ]
    lost = {"diverged": 1, "not run": 1, "stale": 1}
    assert found.runs == lost | {"finished": len(runs) - 3}
    assert found.measured == len(params.profiles("small")) - 1
    assert found.seconds == pytest.approx(sum(one.stamp.seconds for one in records))
    assert found.epochs == sum(one.outcome.epochs for one in records)
    assert found.devices == ("cpu, float32",)
    assert found.commits == (records[0].stamp.commit,)
    assert found.packages == ("torch 2.14.1",)
    assert found.data == tuple(
        sorted({f"{one.spec.dataset.name} {one.data_sha256}" for one in records})
    )
    [why] = found.withheld
    assert why.startswith(f"{samples.RUNS / stale}/metrics.json: unreadable")
