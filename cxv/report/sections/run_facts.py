"""What stands behind a row's numbers: once for all seeds, or seed by seed where they differ."""

from collections.abc import Mapping

from cxv.records.record import Stamp
from cxv.records.run import RunRecord
from cxv.report.wording import commit, duration, signed
from cxv.results.lookup import Gap, RunLookup
from cxv.results.table import Row

Facts = Mapping[str, str]
SUMS = ("Run", "Commit", "Code", "Data SHA-256", "Starts from", "Checkpoint", "Specification")
"""Names of facts that are no prose."""


def of_stamp(stamp: Stamp) -> dict[str, str]:
    """Return where and with what a record was made, but for how long it took."""
    kind = ", deterministic" if stamp.deterministic else ""
    facts = {"Device": f"{stamp.device}, {stamp.precision}{kind}"}
    if stamp.undetermined:
        facts["May differ"] = "; ".join(stamp.undetermined)
    return facts | {"Commit": commit(stamp), "Code": stamp.code}


def of_run(run: RunLookup) -> dict[str, str]:
    """Return what may be the same for all seeds; of a run without a record, nothing."""
    if isinstance(run.record, Gap):
        return {}
    return of_stamp(run.record.stamp) | {"Data SHA-256": run.record.data_sha256}


def shared(row: Row) -> Facts:
    """Return the facts that all seeds with a record have in common."""
    found = [facts for seed in row.seeds if (facts := of_run(seed))]
    first = found[0] if found else {}
    return {
        name: value for name, value in first.items() if all(x.get(name) == value for x in found)
    }


def own(run: RunLookup, common: Facts) -> Facts:
    """Return the facts of one seed alone."""
    record, facts = run.record, {"Run": run.spec.id}
    if isinstance(record, Gap):
        facts["Why"] = record.reason
    else:
        facts |= {"Stale": run.stale} if run.stale else {}
        facts |= _course(record)
        facts |= {name: value for name, value in of_run(run).items() if name not in common}
        facts["Duration"] = duration(record.stamp.seconds)
        if record.parent_sha256:
            facts["Starts from"] = record.parent_sha256
        facts["Checkpoint"] = record.checkpoint_sha256
    return facts | {"Specification": run.spec.digest}


def _course(record: RunRecord) -> dict[str, str]:
    """Return how a training went."""
    outcome = record.outcome
    facts = {
        "Epochs": f"{outcome.epochs} in the last phase; weights kept from epoch"
        f" {outcome.best_epoch}; ended by {outcome.ended_by.replace('_', ' ')}"
    }
    switch = outcome.switch
    if switch and switch.jump is not None and switch.gain is not None:
        facts["Switch"] = (
            f"after epoch {switch.epoch} of the chain: top-1 {signed(switch.jump)} points in the"
            f" next epoch, {signed(switch.gain)} at best"
        )
    if record.interruptions:
        facts["Interrupted"] = f"{record.interruptions} times, and resumed"
    if record.accepted:
        facts["Accepted"] = f"though altered: {record.accepted}"
    if record.micro_batch:
        facts["Micro-batch"] = f"{record.micro_batch} images"
    return facts
