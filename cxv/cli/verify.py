"""What ``cxv verify`` does and prints, depth by depth."""

import platform
import time
from collections.abc import Iterator
from pathlib import Path

from cxv.config.grid import Params
from cxv.config.study_names import refuse_unknown
from cxv.errors import UserError
from cxv.jobs.report import digest, planned, records, report
from cxv.records.commit import commit
from cxv.records.receipt import DEPTHS, Receipt
from cxv.verification.checked import Checked
from cxv.verification.numbers import check_numbers
from cxv.verification.seals import check_seals


def made(params: Params, results: Path) -> list[str]:
    """Return the studies that have a report.

    Raises:
        UserError: none has.
    """
    found = [x for x in params.studies if (results / "studies" / x / "report.html").exists()]
    if not found:
        raise UserError(f"{results / 'studies'}: no report of a study of params.yaml to verify")
    return found


def verified(
    params: Params, study: str, *, results: Path, data: Path, weights: bool, replay: int
) -> Iterator[str]:
    """Check a study; yield a line for each depth and fault.

    Raises:
        UserError: something is wrong; nothing deeper is looked at.
    """
    refuse_unknown(params, [study])
    folder, spec = results / "studies" / study, params.only(study)
    jobs = planned(spec)
    where = {"results": results, "data": data}
    done: list[str] = []

    def passed(checked: Checked) -> Iterator[str]:
        done.append(f"{DEPTHS[len(done) + 1]}: {checked.says}")
        yield f"{study}: {done[-1]}\n"
        if checked.faults:
            listed = "\n".join(f"  {fault}" for fault in checked.faults)
            raise UserError(f"{study}: {len(checked.faults)} things differ:\n{listed}")

    yield from passed(check_seals(jobs, folder, **where))
    yield from passed(check_numbers(spec, folder, **where))
    if weights or replay:
        from cxv.verification.weights import check_weights

        yield from passed(check_weights(jobs["train"], **where))
    if replay:
        from cxv.verification.replay import check_trainings

        yield from passed(check_trainings(jobs["train"], replay, **where))
    Receipt(
        depth=len(done),
        says=tuple(done),
        when=time.strftime("%Y-%m-%d %H:%M", time.gmtime()),
        machine=f"{platform.node()}, {platform.machine()}, Python {platform.python_version()}",
        commit=commit()[0],
        records=digest(records(spec, results)),
    ).save(folder)
    report(spec.canonical(), results, folder, data)
    yield f"{study}: verified to depth {len(done)} of {len(DEPTHS)}; its report says so\n"
