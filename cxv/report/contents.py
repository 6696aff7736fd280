"""What a study's report shows, in whatever form: gathered once, from records alone."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from cxv.config.vocabulary import NO_MEANS
from cxv.paper.load_claims import Paper
from cxv.paper.paper_spec import PeakMemory
from cxv.paper.printed_against_ours import JudgedCell, judge_cells
from cxv.records.receipt import Receipt
from cxv.report.figures.effects import Effects
from cxv.report.figures.figures import NO_PICTURES, Pictures, Shown
from cxv.report.sections import claims
from cxv.report.sections.differences import Axis, Difference, compare
from cxv.report.sections.findings import Finding, findings
from cxv.report.sections.paper_tables import count_verdicts, printed_tables, top1_in_words
from cxv.report.sections.photo_facts import OwnPhotos, PhotoFact, photo_facts
from cxv.report.sections.pooled import PooledDifference, pooled_differences
from cxv.report.wording import anchor
from cxv.results.accuracies import AccuracyInterval, accuracy_interval
from cxv.results.lookup import ConfigSearchLookup, CountsLookup, ExamplesLookup, ModelSummaryLookup
from cxv.results.records import Records
from cxv.results.table import Table
from cxv.statistics import ALPHA

Section = Mapping[str, object]
NOTHING: Section = MappingProxyType({})
NO_CELLS: Mapping[str, JudgedCell] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtraRecords:
    """Records of a study other than runs and profiles, and the manifests of own photos."""

    counts: CountsLookup | None = None  # of the networks of a paper
    searches: Sequence[ConfigSearchLookup] = ()  # for what it leaves open
    model_summaries: Sequence[ModelSummaryLookup] = ()  # of networks to draw
    examples: Sequence[ExamplesLookup] = ()  # of augmentations
    photos: Mapping[str, OwnPhotos] = field(default_factory=dict)  # manifests, by dataset


@dataclass(frozen=True, slots=True)
class ReportData:
    """A study's tables and figures, and what they say of the paper."""

    table: Table
    comparisons: Mapping[Axis, tuple[Difference, ...]]
    pooled: Mapping[Axis, tuple[PooledDifference, ...]]  # over models
    pictures: Pictures
    findings: tuple[Finding, ...]  # the answers, in sentences
    intervals: Mapping[str, AccuracyInterval]  # of top-1, by the anchor of a row
    searches: Sequence[ConfigSearchLookup] = ()
    paper: Section = field(default_factory=dict)  # its title, tables and claims, judged
    cells: Mapping[str, JudgedCell] = field(default_factory=dict)  # of its tables, by name
    counts: CountsLookup | None = None  # on which some of them stand
    receipt: Receipt | None = None  # of a check of these very records
    photos: Mapping[str, tuple[PhotoFact, ...]] = field(default_factory=dict)  # by dataset

    @classmethod
    def of(
        cls,
        table: Table,
        extra: ExtraRecords = ExtraRecords(),
        paper: Paper | None = None,
        receipt: Receipt | None = None,
        *,
        draw: bool = True,
    ) -> "ReportData":
        """Judge and, if wanted, draw a table; without a paper, nothing is held against one."""
        means, usual = NO_MEANS, ""
        if paper:
            means = paper.description.means.of_chains(table.recipes.values())
            usual = paper.printed.paper.about.recipe
        records = Records(means, table.runs, table.profiles, extra.counts, usual)
        comparisons = compare(table, records)
        pooled = {axis: pooled_differences(x, records, axis) for axis, x in comparisons.items()}
        intervals = _intervals(table, records)
        photos = {name: _noticed(name, own, table) for name, own in extra.photos.items()}
        cells = judge_cells(paper, records) if paper else NO_CELLS
        section = _section(paper, records, cells, table) if paper else NOTHING
        found = [*findings(table, records, intervals, pooled, comparisons)]
        found += [*_of_photos(photos), *_of_paper(section)]
        shown = Shown(extra.model_summaries, extra.examples, paper, cells)
        return cls(
            table=table,
            comparisons=comparisons,
            pooled=pooled,
            pictures=Pictures.of(table, shown, Effects(comparisons, pooled))
            if draw
            else NO_PICTURES,
            findings=tuple(found),
            intervals=intervals,
            searches=extra.searches,
            paper=section,
            cells=cells,
            counts=extra.counts,
            receipt=receipt,
            photos=photos,
        )


def _noticed(name: str, own: OwnPhotos, table: Table) -> tuple[PhotoFact, ...]:
    return photo_facts(own, [run for run in table.runs if run.spec.dataset.name == name])


def _intervals(table: Table, records: Records) -> Mapping[str, AccuracyInterval]:
    return {
        anchor(row): found
        for row in table.rows
        if (found := accuracy_interval(records, {x.spec.seed: x for x in row.seeds}, ALPHA))
    }


def _of_photos(photos: Mapping[str, Sequence[PhotoFact]]) -> Iterator[Finding]:
    """Yield what makes the numbers on own photos other than they seem."""
    for name, facts in photos.items():
        if said := " ".join(fact.says for fact in facts if fact.warns):
            yield Finding(f"On {name}: {said}", f"table-{name}")


def _of_paper(section: Section) -> Iterator[Finding]:
    """Yield how the paper's numbers and claims came out, as far as the study bears on them."""
    numbers, by_runs = section.get("verdict_counts"), section.get("claims_by_runs")
    said = [f"of its numbers {numbers}"] * bool(numbers) + [f"of its {by_runs}"] * bool(by_runs)
    if said:
        fitted = any("fitted" in words for words in said)
        means = " Fitted: settings were chosen because they give what is printed." * fitted
        yield Finding(f"The paper next to ours: {'; '.join(said)}.{means}", "paper")


def _section(
    paper: Paper, records: Records, cells: Mapping[str, JudgedCell], table: Table
) -> Section:
    return {
        "paper_title": paper.printed.paper.title,
        "row_titles": paper.description.row_titles(),
        "printed": printed_tables(cells, table, paper),
        "verdict_counts": count_verdicts(one for one in cells.values() if one.asked),
        "top1_is": top1_in_words(paper.printed.paper),
        "memory_printed": any(
            isinstance(cell.printed.metric, PeakMemory) for cell in cells.values()
        ),
        **(claims.context(paper, records) if paper.claims else {}),
    }
