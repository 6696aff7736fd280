"""What stands over the tables of a report."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import fsum
from typing import Any

from cxv.report.wording import commit
from cxv.results.lookup import Gap, Lookup
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
    stale: tuple[str, ...]  # why a record that is shown is stale
    stale_numbers: str  # how many there are in the tables, in a sentence; empty of none


def summary(table: Table, extra: Iterable[Lookup[Any, Any]] = ()) -> Summary:
    """Return the facts that hold for the table as a whole.

    Args:
        table: of a study.
        extra: further records that its report shows.
    """
    found: tuple[Lookup[Any, Any], ...] = (*table.runs, *table.profiles, *extra)
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
        stale=_distinct(one.stale for one in found if one.stale),
        stale_numbers=_stale_numbers(table, any(one.stale for one in found)),
    )


def _stale_numbers(table: Table, any_stale: bool) -> str:
    """Say how many numbers of the tables come from records that other code made."""
    cells = [x for row in table.rows for x in row.cells.values() if not isinstance(x, Gap)]
    if not any_stale:
        return ""
    return (
        f"Stale: {sum(cell.stale for cell in cells)} of {len(cells)} numbers of the tables; other"
        " code made them, and so what is concluded from them. `stale: report` in params.yaml keeps"
        f" them; `python -m cxv stale {table.study}` names the edits."
    )


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(values)))
