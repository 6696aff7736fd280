"""The numbers and the tables of a study, from its records as they are now."""

from dataclasses import dataclass
from pathlib import Path

from cxv.config.grid import Params
from cxv.config.study_names import refuse_unknown
from cxv.jobs.report import contents_of, digest, records
from cxv.manuscript.numbers import StudyNumbers, study_numbers
from cxv.report.rendering import render_latex_tables


@dataclass(frozen=True, slots=True)
class Study:
    """What a manuscript may take from a study."""

    numbers: StudyNumbers
    tables: frozenset[str]  # of its report, each as LaTeX


def load_study(params: Params, study: str, results: Path) -> Study:
    """Return what the records of a study give.

    Raises:
        UserError: ``params.yaml`` has no such study.
    """
    refuse_unknown(params, [study])
    only = params.only(study)
    found = records(only, results)
    report = contents_of(only, found, results, draw=False)
    tables = render_latex_tables(report).values()
    return Study(study_numbers(only, report, digest(found)), frozenset(map(_bare, tables)))


def has_table(study: Study, text: str) -> bool:
    """Tell whether a text is one of the tables of the study's report."""
    return _bare(text) in study.tables


def _bare(table: str) -> str:
    return table.strip()
