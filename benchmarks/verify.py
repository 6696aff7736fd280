"""How long does ``cxv verify`` take, without weights? ``python -m benchmarks.verify 1000``.

Its runs are made up, with 100 epochs and the predictions of 10,000 images each.
"""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.made_up_runs import STUDY, make_up, settings
from cxv.jobs.report import planned
from cxv.verification.checked import Checked
from cxv.verification.numbers import check_numbers, make_again
from cxv.verification.seals import check_seals


def main() -> None:
    """Print what the first two depths look at, and how long they take."""
    params = settings(int(sys.argv[1]) if len(sys.argv) > 1 else 1000).only(STUDY)
    with tempfile.TemporaryDirectory() as name:
        results, random = Path(name, "results"), np.random.default_rng(0)
        for run in params.runs(STUDY).values():
            make_up(run, results / "runs", random)
        study = results / "studies" / STUDY
        make_again(params, study, results=results, data=Path(name))

        def seals() -> Checked:
            return check_seals(planned(params), study, results=results, data=Path(name))

        def numbers() -> Checked:
            return check_numbers(params, study, results=results, data=Path(name))

        for check in (seals, numbers):
            began, worked = time.perf_counter(), time.process_time()
            found = check()
            wall, cpu = time.perf_counter() - began, time.process_time() - worked
            print(f"{check.__name__:8} {wall:6.1f} s, {cpu:6.1f} s of a CPU: {found.says}")
            print(*found.faults[:3], sep="\n")


if __name__ == "__main__":
    main()
