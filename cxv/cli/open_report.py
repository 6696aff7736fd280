"""A study's report in a browser: ``cxv open``."""

import webbrowser
from pathlib import Path

from cxv.config.grid import Params
from cxv.config.study_names import refuse_unknown
from cxv.errors import UserError


def open_report(params: Params, name: str | None, *, results: Path) -> str:
    """Open the report of a study, by default of the one that ``params.study`` names.

    Returns:
        Where it is, and, where no browser is found, that it was not opened.

    Raises:
        UserError: there is no such study, or it has no report.
    """
    study = name or params.study
    refuse_unknown(params, [study])
    path = (results / "studies" / study / "report.html").absolute()
    if not path.exists():
        raise UserError(
            f"{path}: not there; make it: snakemake --cores all --logger cxv -- {study}"
        )
    opened = webbrowser.open(path.as_uri())
    return f"The report: {path}\n" if opened else f"{path}: no browser was found to open it\n"
