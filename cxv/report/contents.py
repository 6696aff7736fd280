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
from cxv.results.lookup import CountsEvidence, ExamplesEvidence, ForensicsEvidence, OutlineEvidence
from cxv.results.results import Records
from cxv.results.table import Table

Section = Mapping[str, object]
NOTHING: Section = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Aside:
    """What was found beside the runs and the profiles."""

    counts: CountsEvidence | None = None  # of the networks of Table 1
    searches: Sequence[ForensicsEvidence] = ()  # of its rows
    outlines: Sequence[OutlineEvidence] = ()  # of networks to draw
    examples: Sequence[ExamplesEvidence] = ()  # of augmentations


@dataclass(frozen=True, slots=True)
class Contents:
    """A study's tables and figures, and what they say of the paper."""

    table: Table
    comparisons: Mapping[Axis, tuple[Difference, ...]]
    pictures: Pictures
    searches: Sequence[ForensicsEvidence]
    paper: Section  # its tables and claims, judged
    cells: Mapping[str, JudgedCell]  # of its tables, by name
    counts: CountsEvidence | None = None  # on which some of them stand

    @classmethod
    def of(cls, table: Table, aside: Aside = Aside(), paper: Paper | None = None) -> "Contents":
        """Judge and draw a table; without a paper, nothing is held against one."""
        records = Records(table.recipes, table.runs, table.profiles, aside.counts)
        comparisons = compare(table, records)
        if paper is None:
            return cls(table, comparisons, Pictures.of(table), aside.searches, NOTHING, {})
        cells = judge_cells(paper, records)
        sources = Sources.of(paper, aside.outlines, aside.examples)
        return cls(
            table=table,
            comparisons=comparisons,
            pictures=Pictures.of(table, sources, comparisons["variant"]),
            searches=aside.searches,
            paper={"printed": printed_tables(cells, table), **claims.context(paper, records)},
            cells=cells,
            counts=aside.counts,
        )
