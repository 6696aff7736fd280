"""What ``cxv latex-macros`` and ``cxv audit`` do."""

from pathlib import Path

from cxv.config.grid import Params
from cxv.manuscript.audit import audit
from cxv.manuscript.findings import Audit
from cxv.manuscript.macros import macros
from cxv.manuscript.manuscript import read_manuscript
from cxv.manuscript.studies import load_study
from cxv.records.atomic_files import write


def write_macros(params: Params, study: str, *, results: Path, out: Path | None) -> str:
    """Write the file of macros of a study; return what there is to say.

    Raises:
        UserError: there is no such study.
    """
    found = load_study(params, study, results).numbers
    path = out or Path(f"cxv_{study}.tex")
    write(path, macros(found))
    gaps = f", {len(found.missing)} have no number yet" if found.missing else ""
    return f"{path}: {len(found.numbers)} numbers of {study}{gaps}; \\input it into the preamble\n"


def audited(params: Params, manuscript: Path, study: str | None, *, results: Path) -> Audit:
    """Hold a manuscript against the records of its studies.

    Raises:
        UserError: a file cannot be read, or there is no such study.
    """
    read = read_manuscript(manuscript)
    studies = {name: load_study(params, name, results) for name in read.studies(study)}
    return audit(read, studies)
