"""Every printed number of Tables 1 to 4, and what our records have in its place."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from cxv.paper.costs import counted
from cxv.paper.judging_context import JudgingContext
from cxv.paper.load_claims import Paper
from cxv.paper.printed_cells import rule, trained
from cxv.paper.printed_tables import Cell
from cxv.paper.run_checks import WORDS
from cxv.paper.verdict_rules import Verdict, accuracy, is_papers, memory, not_run
from cxv.records.config_search import GIGA
from cxv.records.run import CostProfile
from cxv.results.lookup import top1
from cxv.results.records import Records
from cxv.results.selection import Trained
from cxv.statistics import best_of_first_three

NOT_JUDGED = "not judged"
PAPER_BATCH = 32
"""Images of the step whose memory is printed."""

Judgement = tuple[bool, Verdict, tuple[str, ...]]
"""Whether a study here asks for it, what comes out, and the records used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedCell:
    """A printed number and ours; the verdict's estimate is ours, in the printed unit."""

    printed: Cell
    of: Trained
    rule: str
    asked: bool  # whether a study here asks for its runs or its profile
    verdict: Verdict
    sources: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """The verdict in words; ours may be there without one."""
        unjudged = self.verdict.word in {"not_run", "not_testable"}
        if unjudged and self.verdict.estimate is not None:
            return NOT_JUDGED
        return WORDS[self.verdict.word]


def judge_cells(paper: Paper, records: Records) -> Mapping[str, JudgedCell]:
    """Return every printed number by its name, such as ``table1.cpv.cifar10``."""
    context = JudgingContext(records, paper.printed, paper.tolerances)
    return {name: judge_cell(cell, context) for name, cell in paper.printed.cells.items()}


def judge_cell(cell: Cell, context: JudgingContext) -> JudgedCell:
    """Return one printed number with ours and the verdict."""
    of, by = trained(cell), rule(cell)
    judge = {"R-acc": _top1, "R-arith": _increase}.get(by, _cost)
    asked, verdict, sources = judge(cell, of, context)
    return JudgedCell(printed=cell, of=of, rule=by, asked=asked, verdict=verdict, sources=sources)


def _top1(cell: Cell, of: Trained, context: JudgingContext) -> Judgement:
    found = _found(of, context.records)
    verdict = accuracy(found, float(cell.value), of.dataset, context.tolerances)
    if gaps := context.records.gaps([of]):
        verdict = replace(
            verdict, reason="; ".join([verdict.reason, gaps] if verdict.n else [gaps])
        )
    return bool(found), verdict, _sources(of, context.records)


def _increase(_: Cell, of: Trained, context: JudgingContext) -> Judgement:
    """Return what DualOpT adds to AdamW as the paper counts it: best of three, a share of AdamW's.

    It is arithmetic on two numbers that are judged themselves.
    """
    pair = (of, of._replace(recipe="adamw"))
    found = [_found(one, context.records) for one in pair]
    dualopt, adamw = map(best_of_first_three, found)
    if dualopt is None or adamw is None:
        verdict = not_run(context.records.gaps(pair) or "three seeds of both")
    else:
        reason = f"best of the first three {dualopt:.2f}, by AdamW alone {adamw:.2f}"
        increase = 100 * (dualopt - adamw) / adamw
        verdict = Verdict(word="not_testable", reason=reason, estimate=increase)
    sources = tuple(source for one in pair for source in _sources(one, context.records))
    return all(found), verdict, sources


def _cost(cell: Cell, of: Trained, context: JudgingContext) -> Judgement:
    records, profile = context.records, context.records.profiles.get(of.network)
    measured, counts = records.measured(of.network), records.counted(of.network)
    sources: tuple[str, ...] = ()
    if cell.column == "gpu_gb" and profile and measured:
        verdict, sources = _memory(float(cell.value), measured, context), (profile.source,)
    elif cell.column != "gpu_gb" and counts:
        verdict, sources = counted(cell, counts[0], context), (counts[1],)
    else:
        verdict = not_run(f"profile of {of.network} ({records.unmeasured(of.network)})")
    return profile is not None or bool(sources), verdict, sources


def _memory(printed_gb: float, measured: CostProfile, context: JudgingContext) -> Verdict:
    """Judge the peak with the CUDA context that the printed column has in it (D21).

    A peak that another GPU than the paper's had says less of the print than the predicted one.
    """
    if measured.batch != PAPER_BATCH:
        return not_run(f"a profile at a batch of {PAPER_BATCH}")
    peak = measured.peak("eager")
    on_gpu = peak.measured_allocated_bytes if is_papers(measured.device) else None
    peak_bytes = peak.predicted_peak_bytes if on_gpu is None else on_gpu
    peak_gb = (peak_bytes + measured.predicted_context_bytes) / GIGA
    device = "predicted" if on_gpu is None else measured.device
    return memory(peak_gb, device, printed_gb, context.tolerances)


def _found(of: Trained, records: Records) -> dict[int, float | None]:
    """Return the top-1 of every seed, in percent; None of one that has none."""
    found = {seed: top1(run) for seed, run in records.seeds(of).items()}
    return {seed: None if x is None else 100 * x for seed, x in found.items()}


def _sources(of: Trained, records: Records) -> tuple[str, ...]:
    return tuple(run.source for run in records.seeds(of).values() if top1(run) is not None)
