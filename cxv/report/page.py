"""A study as one offline page: every number opens the runs that it comes from."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import fsum
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote

from jinja2 import Environment

from cxv.claims.load import Paper
from cxv.files import write
from cxv.grid import Params
from cxv.on_runs.cells import judge_cells
from cxv.on_runs.records import Records
from cxv.phases import Phase
from cxv.records import Stamp
from cxv.report import claims, forensics, latex
from cxv.report.beside import printed_tables
from cxv.report.differences import Axis, Difference, compare
from cxv.report.evidence import (
    ExamplesEvidence,
    ForensicsEvidence,
    Gap,
    OutlineEvidence,
    top1,
)
from cxv.report.exports import cells_csv
from cxv.report.illustrations import Pictures, Sources, save
from cxv.report.rendering import GROUPS, anchor, environment, label, told
from cxv.report.tables import COLUMNS, Row, Table, study_table
from cxv.spec import Run
from cxv.statistics import Interval
from cxv.zoo import ZOO

ACCURACY = ("top1_best", "top1_mean", "top1_sd", "n")
COST = (
    "params",
    "params_paper",
    "macs_paper",
    "macs_fvcore",
    "predicted_peak_bytes",
    "predicted_lean_peak_bytes",
    "inference_images_per_second",
)
MLFLOW = "http://127.0.0.1:5000/#/experiments?searchFilter="
MINUTE, HOUR = 60, 3600  # seconds
Section = Mapping[str, object]
Comparisons = Mapping[Axis, tuple[Difference, ...]]
NOTHING: Section = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Summary:
    """What stands over the tables: what ran, on what, and made of what."""

    runs: Mapping[str, int]  # status -> how many
    measured: int  # models
    seconds: float
    epochs: int
    devices: tuple[str, ...]
    commits: tuple[str, ...]
    packages: tuple[str, ...]
    data: tuple[str, ...]  # dataset and SHA-256
    withheld: tuple[str, ...]  # why a record that exists is not used


def write_report(
    params: Params,
    study: str,
    runs: Path,
    profiles: Path,
    searches: Sequence[ForensicsEvidence] = (),
    paper: Paper | None = None,
    outlines: Sequence[OutlineEvidence] = (),
    examples: Sequence[ExamplesEvidence] = (),
    *,
    html: Path,
    markdown: Path,
    figures: Path | None = None,
    numbers: Path | None = None,
    tex: Path | None = None,
) -> None:
    """Write every form of a study's report; for ``runs`` and ``profiles`` see ``study_table``.

    Args:
        params: the whole grid.
        study: a key of ``params.studies``, or ``all``.
        runs: a folder.
        profiles: a folder.
        searches: of rows of Table 1.
        paper: what it prints and claims; None: it is neither shown nor judged.
        outlines: of networks to draw.
        examples: of augmentations to show.
        html: the page.
        markdown: the same tables.
        figures: a folder for every figure of the page, as SVG and PNG.
        numbers: a CSV of every printed number and ours.
        tex: the same in LaTeX, ``tables`` beside it; it shows ``figures`` if they stand there too.
    """
    table = study_table(params, study, runs, profiles)
    records = Records(params.recipes, table.runs, table.profiles)
    judged = NOTHING
    if paper:
        cells = judge_cells(paper, records)
        judged = {"printed": printed_tables(cells, table), **claims.context(paper, records)}
    comparisons = compare(table, records)
    sources = Sources.of(paper, outlines, examples) if paper else None
    pictures = Pictures.of(table, sources, comparisons["variant"])
    page = render_html(table, searches, judged, pictures, comparisons)
    text = render_markdown(table, searches, judged, comparisons)
    paged = render_latex(table, searches, judged, pictures, comparisons) if tex else None
    write(html, page)
    write(markdown, text)
    if figures:
        save(pictures, figures)
    if paper and numbers:
        write(numbers, cells_csv(cells.values()))
    if tex and paged:
        paged.save(tex)


def render_html(
    table: Table,
    searches: Sequence[ForensicsEvidence] = (),
    judged: Section = NOTHING,
    pictures: Pictures | None = None,
    comparisons: Comparisons | None = None,
) -> str:
    """Return a page that asks for no other file and works without JavaScript."""
    figures = {"pictures": pictures or Pictures.of(table)}
    template = _environment(autoescape=True).get_template("report.html.j2")
    return template.render(_context(table, searches, comparisons) | figures | dict(judged))


def render_markdown(
    table: Table,
    searches: Sequence[ForensicsEvidence] = (),
    judged: Section = NOTHING,
    comparisons: Comparisons | None = None,
) -> str:
    """Return the same tables, with the list of runs in place of the pop-ups."""
    template = _environment(autoescape=False).get_template("report.md.j2")
    return template.render(_context(table, searches, comparisons) | dict(judged))


def render_latex(
    table: Table,
    searches: Sequence[ForensicsEvidence] = (),
    judged: Section = NOTHING,
    pictures: Pictures | None = None,
    comparisons: Comparisons | None = None,
) -> latex.Latex:
    """Return what Markdown has, and the figures by the names of their files."""
    figures = {"pictures": pictures or Pictures.of(table)}
    context = _context(table, searches, comparisons) | figures | dict(judged)
    return latex.render(_environment(autoescape=False), context)


def _environment(*, autoescape: bool) -> Environment:
    templates = environment(autoescape=autoescape)
    templates.filters |= {
        "anchor": anchor,
        "between": between,
        "commit": commit,
        "duration": duration,
        "label": label,
        "mlflow": mlflow_search,
        "percent": COLUMNS["top1_best"].show,
        "search_title": forensics.title,
        "settings": settings,
        "signed": signed,
        "varied": forensics.varied,
    }
    templates.tests["gap"] = lambda value: isinstance(value, Gap)
    return templates


def _context(
    table: Table, searches: Sequence[ForensicsEvidence], comparisons: Comparisons | None
) -> dict[str, object]:
    return {
        "table": table,
        "summary": summary(table),
        "datasets": _by_dataset(table),
        "columns": COLUMNS,
        "accuracy": ACCURACY,
        "cost": COST,
        "recipes": {row.recipe: row.phases for row in table.rows},
        "phases": {phase.name: phase for row in table.rows for phase in row.phases},
        "comparisons": comparisons or compare(table, Records({}, table.runs, table.profiles)),
        "searches": searches,
        "search_lines": forensics.lines,
        "top1": top1,
    }


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
            gap.reason for gap in gaps if isinstance(gap, Gap) and gap.status == "stale"
        ),
    )


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(values)))


def _by_dataset(table: Table) -> dict[str, dict[str, list[Row]]]:
    """Return dataset -> block of the paper's Table 1 -> rows."""
    found: dict[str, dict[str, list[Row]]] = {}
    for row in table.rows:
        blocks = found.setdefault(row.dataset.name, {})
        blocks.setdefault(GROUPS[ZOO[row.model.zoo].group], []).append(row)
    return found


def settings(phase: Phase) -> str:
    """Return ``AdamW: lr 0.001, ...; at most 8 epochs`` in one line."""
    parts = [told(phase.optimizer.model_dump(mode="json"))]
    parts += [told(step.model_dump(mode="json")) for step in phase.augment]
    if phase.schedule:
        parts.append(told(phase.schedule.model_dump(mode="json")))
    until = f"batch {phase.batch}, at most {phase.max_epochs} epochs"
    if phase.patience is not None:
        until += f", patience {phase.patience}"
    return "; ".join([*parts, until])


def commit(stamp: Stamp) -> str:
    """Return the commit, and whether files differed from it."""
    return f"{stamp.commit or 'not a git checkout'}{' + changes' if stamp.dirty else ''}"


def duration(seconds: float) -> str:
    """Return ``41 s``, ``12 min`` or ``3.5 h``."""
    if seconds < 2 * MINUTE:
        return f"{seconds:.0f} s"
    return f"{seconds / MINUTE:.0f} min" if seconds < 2 * HOUR else f"{seconds / HOUR:.1f} h"


def signed(difference: float) -> str:
    """Return a difference of fractions in percentage points, with its sign."""
    return f"{100 * difference:+.2f}".replace("-", "\N{MINUS SIGN}")


def between(interval: Interval | None) -> str:
    """Return ``[-0.12, +1.50]``, given in percentage points; empty where there is none."""
    return f"[{', '.join(signed(end / 100) for end in interval)}]" if interval else ""


def mlflow_search(run: Run) -> str:
    """Return where MLflow's local page lists the run; it has to be served for that."""
    return MLFLOW + quote(f"tags.\"cxv.run\" = '{run.id}'")
