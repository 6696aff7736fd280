"""A report in its forms: one offline page, Markdown, LaTeX, CSV, figures."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from cxv.networks.registry import ZOO
from cxv.records.atomic_files import write
from cxv.report import latex
from cxv.report.contents import ReportData
from cxv.report.exports import cells_csv
from cxv.report.figures.figures import save
from cxv.report.markdown import for_markdown
from cxv.report.sections import config_search, run_facts
from cxv.report.sections.differences import LEVEL
from cxv.report.sections.findings import about_intervals
from cxv.report.sections.summary import summary
from cxv.report.wording import (
    GROUPS,
    anchor,
    between,
    commit,
    duration,
    ends,
    label,
    mlflow_search,
    network_anchor,
    settings,
    signed,
)
from cxv.results.lookup import Gap, top1
from cxv.results.table import COLUMNS, Row, Table

ACCURACY = ("top1_best", "top1_mean", "top1_sd", "top1_without_optimism", "n")
COST = (
    "params",
    "params_modules",
    "macs_thop",
    "macs_fvcore",
    "predicted_peak_bytes",
    "predicted_lean_peak_bytes",
    "inference_images_per_second",
    "inference_spread",
)

AGAIN = "CXV_STORE=$(mktemp -d) snakemake --cores 1 --force"
"""Makes a record again: an empty store has no copy to take."""

NOT_ON_PAPER = {"inference_spread"}
"""Columns for which a page is not wide enough."""


def write_report(contents: ReportData, folder: Path) -> None:
    """Write every form, each file whole or not at all; equal records give equal bytes.

    ``report.html``, ``report.md``, ``report.tex`` with its ``tables``, ``figures`` as SVG and PNG,
    and ``paper.csv``, every printed number with ours.
    """
    page, text = render_html(contents), render_markdown(contents)
    paged = render_latex(contents)
    save(contents.pictures, folder / "figures")
    write(folder / "paper.csv", cells_csv(contents.cells.values()))
    paged.save(folder / "report.tex")
    write(folder / "report.md", text)
    write(folder / "report.html", page)


def render_html(contents: ReportData) -> str:
    """Return a page that asks for no other file and works without JavaScript."""
    template = environment(autoescape=True).get_template("report.html.j2")
    return template.render(_context(contents))


def render_markdown(contents: ReportData) -> str:
    """Return the same tables, with the list of runs in place of the pop-ups."""
    template = for_markdown(environment(autoescape=False)).get_template("report.md.j2")
    return template.render(_on_paper(contents))


def render_latex(contents: ReportData) -> latex.Latex:
    """Return what Markdown has, and the figures by the names of their files."""
    return latex.render(environment(autoescape=False), _on_paper(contents))


def render_latex_tables(contents: ReportData) -> Mapping[str, str]:
    """Return its tables alone, by the names of their files."""
    return latex.tables(environment(autoescape=False), _on_paper(contents))


def _on_paper(contents: ReportData) -> dict[str, object]:
    columns = {key: column for key, column in COLUMNS.items() if key not in NOT_ON_PAPER}
    return _context(contents) | {"columns": columns}


@cache
def environment(*, autoescape: bool) -> Environment:
    """Return the templates of ``cxv/report/templates``, for a page or, unescaped, for others.

    To compile them takes longer than to fill them in, so each is compiled once a process.
    """
    templates = Environment(
        loader=PackageLoader("cxv.report"),
        autoescape=autoescape,  # noqa: S701 - off for Markdown and LaTeX alone
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    templates.filters |= {
        "anchor": anchor,
        "between": between,
        "commit": commit,
        "duration": duration,
        "ends": ends,
        "label": label,
        "mlflow": mlflow_search,
        "network": network_anchor,
        "of_stamp": run_facts.of_stamp,
        "own": run_facts.own,
        "percent": COLUMNS["top1_best"].show,
        "settings": settings,
        "shared": run_facts.shared,
        "signed": signed,
        "varied": config_search.varied,
    }
    templates.tests["gap"] = lambda value: isinstance(value, Gap)
    return templates


def _context(contents: ReportData) -> dict[str, object]:
    table = contents.table
    return {
        "table": table,
        "summary": summary(table, [*filter(None, [contents.counts]), *contents.searches]),
        "datasets": _by_dataset(table),
        "columns": COLUMNS,
        "accuracy": ACCURACY,
        "cost": COST,
        "recipes": {row.recipe: row.phases for row in table.rows},
        "photos": contents.photos,
        "phases": {phase.name: phase for row in table.rows for phase in row.phases},
        "comparisons": contents.comparisons,
        "counts": contents.counts,
        "level": LEVEL,
        "about_intervals": about_intervals(table),
        "receipt": contents.receipt,
        "again": AGAIN,
        "findings": contents.findings,
        "intervals": contents.intervals,
        "pictures": contents.pictures,
        "pooled": contents.pooled,
        "searches": contents.searches,
        "search_lines": config_search.lines,
        "sums": run_facts.SUMS,
        "top1": top1,
        **contents.paper,
    }


def _by_dataset(table: Table) -> dict[str, dict[str, list[Row]]]:
    """Return dataset -> group of the registry -> rows."""
    found: dict[str, dict[str, list[Row]]] = {}
    for row in table.rows:
        blocks = found.setdefault(row.dataset.name, {})
        blocks.setdefault(GROUPS[ZOO[row.model.zoo].group], []).append(row)
    return found
