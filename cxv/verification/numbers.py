"""Every number of a study's forms, derived a second time from the records and their files.

No torch and no network: it works on a clone after ``dvc pull``.
"""

import re
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory

from cxv.config.grid import Params
from cxv.jobs.report import report
from cxv.jobs.table import table
from cxv.records.atomic_files import sha256_of
from cxv.records.receipt import RECEIPT
from cxv.records.sealed_folder import NAME, files_below
from cxv.records.study_stamp import NAME as STAMP
from cxv.verification.checked import Checked

NUMBER = re.compile(r"[-+\N{MINUS SIGN}]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE][-+]?\d+)?")
TEXTS = {".html", ".md", ".tex", ".csv", ".json", ".svg"}
LETTERS = str.maketrans("0123456789", "ghijklmnop")
"""In place of digits, so that a checksum is no number."""
NOT_DERIVED = {NAME, RECEIPT, STAMP}


def check_numbers(params: Params, folder: Path, *, results: Path, data: Path) -> Checked:
    """Make the tables and reports of ``params.study`` again, and compare number by number.

    Args:
        params: the whole grid.
        folder: of the study.
        results: the folder of all records.
        data: the folder of all datasets.
    """
    found = derived = 0
    faults: list[str] = []
    with TemporaryDirectory() as temporary:
        again = Path(temporary)
        make_again(params, again, results=results, data=data)
        names = {
            path.relative_to(at).as_posix() for at in (folder, again) for path in files_below(at)
        }
        for name in sorted(names - NOT_DERIVED):
            said, true = (_read(at / name) for at in (folder, again))
            wrong = list(_differing(said, true))
            found += (numbers := len(NUMBER.findall(said)))
            derived += numbers - len(wrong)
            if said != true:
                faults.append(f"{folder / name}: {_explained(said, true, wrong)}")
    return Checked(
        f"{found} numbers found in {len(names - NOT_DERIVED)} files, {derived} derived",
        tuple(faults),
    )


def make_again(params: Params, folder: Path, *, results: Path, data: Path) -> None:
    """Write the tables and the reports of ``params.study`` into a folder."""
    spec = params.only(params.study).canonical()
    cells, listing, metrics = (folder / x for x in ("table.csv", "runs.csv", "metrics.json"))
    summary = folder / "summary"
    table(spec, results, cells=cells, listing=listing, metrics=metrics, summary=summary)
    report(spec, results, folder, data)


def _read(path: Path) -> str:
    """Return the text of a form, or letters that stand for the bytes of a picture."""
    if not path.exists():
        return ""
    if path.suffix in TEXTS:
        return path.read_text()
    return sha256_of(path).translate(LETTERS)


def _differing(said: str, true: str) -> Iterator[tuple[str | None, str | None]]:
    """Yield what is said in place of what is derived, of a text with as many lines or more."""
    if said == true:
        return
    for line, derived in zip_longest(said.splitlines(), true.splitlines(), fillvalue=""):
        if line != derived:
            for pair in zip_longest(NUMBER.findall(line), NUMBER.findall(derived)):
                if pair[0] != pair[1] and pair[0] is not None:
                    yield pair


def _explained(said: str, true: str, wrong: list[tuple[str | None, str | None]]) -> str:
    if not said:
        return "missing"
    if not true:
        return "nothing derives it"
    if wrong:
        return (
            f"says {wrong[0][0]} where {wrong[0][1] or 'nothing'} is derived ({len(wrong)} numbers)"
        )
    return "is not what is derived"
