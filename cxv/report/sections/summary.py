"""What stands over the tables of a report."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import fsum

from cxv.report.wording import commit
from cxv.results.lookup import Gap
from cxv.results.table import Table


@dataclass(frozen=True, slots=True)
class Summary:
    """What ran, on what, and made of what."""

    runs: Mapping[str, int]  # status -> how many
    measured: int  # models
    seconds: float
    epochs: int
    devices: tuple[str, ...]
    commits: tuple[str, ...]
    packages: tuple[str, ...]
    data: tuple[str, ...]  # dataset and SHA-256
    withheld: tuple[str, ...]  # why a record that exists is not used
    accepted: tuple[str, ...]  # runs whose files were altered, and why they are used


def summary(table: Table) -> Summary:
    """Return the facts that hold for the table as a whole."""
    records = [run.record for run in table.runs if not isinstance(run.record, Gap)]
    costs = [profile.record for profile in table.profiles if not isinstance(profile.record, Gap)]
    stamps = [record.stamp for record in records] + [record.stamp for record in costs]
    gaps = [run.record for run in table.runs] + [cost.record for cost in table.profiles]
    return Summary(
        runs=Counter(run.record.status for run in table.runs),
        measured=len(costs),
        seconds=fsum(record.stamp.seconds for record in records),
        epochs=sum(record.outcome.epochs for record in records),
        devices=_distinct(f"{stamp.device}, {stamp.precision}" for stamp in stamps),
        commits=_distinct(commit(stamp) for stamp in stamps),
        packages=_distinct(f"torch {stamp.packages.get('torch', 'unknown')}" for stamp in stamps),
        data=_distinct(f"{record.spec.dataset.name} {record.data_sha256}" for record in records),
        withheld=tuple(
            gap.reason
            for gap in gaps
            if isinstance(gap, Gap) and gap.status in {"altered", "stale"}
        ),
        accepted=tuple(
            f"{record.spec.id}: {record.accepted}" for record in records if record.accepted
        ),
    )


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(values)))
