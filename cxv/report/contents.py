"""What a study's report shows, in whatever form: gathered once, from records alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from cxv.paper.cells import JudgedCell, judge_cells
from cxv.paper.load_claims import Paper
from cxv.report.figures.figures import Pictures, Sources
from cxv.report.sections import claims
from cxv.report.sections.differences import Axis, Difference, compare
from cxv.report.sections.paper_tables import printed_tables
from cxv.results.lookup import ConfigSearchLookup, CountsLookup, ExamplesLookup, ModelSummaryLookup
from cxv.results.records import Records
from cxv.results.table import Table

Section = Mapping[str, object]
NOTHING: Section = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtraRecords:
    """Records of a study other than runs and profiles."""

    counts: CountsLookup | None = None  # of the networks of Table 1
    searches: Sequence[ConfigSearchLookup] = ()  # of its rows
    model_summaries: Sequence[ModelSummaryLookup] = ()  # of networks to draw
    examples: Sequence[ExamplesLookup] = ()  # of augmentations


@dataclass(frozen=True, slots=True)
class ReportData:
    """A study's tables and figures, and what they say of the paper."""

    table: Table
    comparisons: Mapping[Axis, tuple[Difference, ...]]
    pictures: Pictures
    searches: Sequence[ConfigSearchLookup]
    paper: Section  # its tables and claims, judged
    cells: Mapping[str, JudgedCell]  # of its tables, by name
    counts: CountsLookup | None = None  # on which some of them stand

    @classmethod
    def of(
        cls, table: Table, extra: ExtraRecords = ExtraRecords(), paper: Paper | None = None
    ) -> "ReportData":
        """Judge and draw a table; without a paper, nothing is held against one."""
        records = Records(table.recipes, table.runs, table.profiles, extra.counts)
        comparisons = compare(table, records)
        if paper is None:
            return cls(table, comparisons, Pictures.of(table), extra.searches, NOTHING, {})
        cells = judge_cells(paper, records)
        sources = Sources.of(paper, extra.model_summaries, extra.examples)
        return cls(
            table=table,
            comparisons=comparisons,
            pictures=Pictures.of(table, sources, comparisons["variant"]),
            searches=extra.searches,
            paper={"printed": printed_tables(cells, table), **claims.context(paper, records)},
            cells=cells,
            counts=extra.counts,
        )
