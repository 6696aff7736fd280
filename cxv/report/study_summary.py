"""A study in a few numbers a row, as ``dvc metrics`` shows them."""

import json
import shutil
from pathlib import Path
from statistics import fmean

from cxv.config.vocabulary import NO_MEANS
from cxv.records.atomic_files import write
from cxv.report.wording import anchor
from cxv.results.accuracies import PERCENT, accuracy_interval
from cxv.results.lookup import top1
from cxv.results.records import Records
from cxv.results.table import Row, Table
from cxv.statistics import ALPHA


def write_summary(table: Table, folder: Path) -> None:
    """Write one file a row of the table, and leave none of a row that is gone.

    DVC prints a line a file. One file for all rows would be one line of hundreds of columns.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    records = Records(NO_MEANS, table.runs, table.profiles)
    for row in table.rows:
        numbers = row_summary(row, records)
        write(folder / f"{anchor(row)}.json", json.dumps(numbers, indent=1) + "\n")


def row_summary(row: Row, records: Records) -> dict[str, float]:
    """Return the mean top-1 of a row's seeds, both ends of its interval, and how many they are.

    Shares of 1; the interval is that of the report. Without a run that has a top-1, ``runs`` alone.
    """
    seeds = {seed.spec.seed: seed for seed in row.seeds}
    scored = [share for seed in row.seeds if (share := top1(seed)) is not None]
    found = accuracy_interval(records, seeds, ALPHA)
    if not found:
        return {"runs": 0}
    return {
        "top1": fmean(scored),
        "top1_low": found.low / PERCENT,
        "top1_high": found.high / PERCENT,
        "runs": len(scored),
    }
