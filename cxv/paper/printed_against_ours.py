"""Every printed number, and what our records have in its place."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from cxv.paper.claims_from_runs import WORDS
from cxv.paper.costs import counted
from cxv.paper.judging_context import JudgingContext
from cxv.paper.load_claims import Paper
from cxv.paper.paper_spec import PeakMemory, Top1
from cxv.paper.printed_tables import Cell
from cxv.paper.verdict_rules import Verdict, accuracy, is_one_of, memory, not_run
from cxv.records.config_search import GIGA
from cxv.records.costs import Counted, PredictedPeak
from cxv.results.lookup import top1
from cxv.results.records import Records
from cxv.results.selection import Trained
from cxv.statistics import best_of_first, mean_over_seeds

NOT_JUDGED = "not judged"

CellResult = tuple[bool, Verdict, tuple[str, ...]]
"""Whether a study here asks for it, what comes out, and the records used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedCell:
    """A printed number and ours; the verdict's estimate is ours, in the printed unit."""

    printed: Cell
    asked: bool  # whether a study here asks for its runs or its profile
    verdict: Verdict
    sources: tuple[str, ...] = ()
    is_whole: bool = False  # whether ours is of as many seeds as the printed number

    @property
    def of(self) -> Trained:
        """The runs that it is about."""
        return self.printed.of

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
    fitted = paper.printed.fitted()
    found = {name: judge_cell(cell, context) for name, cell in paper.printed.cells.items()}
    return {name: _fitted(one, fitted.get(name)) for name, one in found.items()}


def _fitted(one: JudgedCell, by: str | None) -> JudgedCell:
    """Return a cell as fitted, if its network was chosen because it gives the printed number."""
    if by is None or one.verdict.word != "reproduced":
        return one
    reason = f"{one.verdict.reason}; chosen because it gives the print ({by})"
    return replace(one, verdict=replace(one.verdict, word="fitted", reason=reason))


def judge_cell(cell: Cell, context: JudgingContext) -> JudgedCell:
    """Return one printed number with ours and the verdict."""
    metric = cell.metric
    if isinstance(metric, Top1):
        return _top1(cell, metric, context)
    asked, verdict, sources = (_increase if metric is None else _cost)(cell, context)
    return JudgedCell(printed=cell, asked=asked, verdict=verdict, sources=sources)


def _top1(cell: Cell, metric: Top1, context: JudgingContext) -> JudgedCell:
    of, found = cell.of, _found(cell.of, context.records)
    mean = mean_over_seeds({seed: x for seed, x in found.items() if x is not None})
    prior = context.records.seed_variances.of_cell(of.dataset)
    verdict = accuracy(
        found,
        mean and replace(mean, prior=prior),
        float(cell.value),
        of.dataset,
        context.tolerances,
        best_of=metric.best_of,
    )
    if gaps := context.records.gaps([of]):
        verdict = replace(
            verdict, reason="; ".join([verdict.reason, gaps] if verdict.n else [gaps])
        )
    return JudgedCell(
        printed=cell,
        asked=bool(found),
        verdict=verdict,
        sources=_sources(of, context.records),
        is_whole=best_of_first(metric.best_of, found) is not None,
    )


def _increase(cell: Cell, context: JudgingContext) -> CellResult:
    """Return by how many percent one column exceeds another, both as they are printed.

    It is arithmetic on two numbers that are judged themselves.
    """
    cells = [context.printed.cells[name] for name in cell.parts or ()]
    pair = tuple(one.of for one in cells)
    found = [_found(of, context.records) for of in pair]
    one, other = (
        best_of_first(part.metric.best_of, top1s) if isinstance(part.metric, Top1) else None
        for part, top1s in zip(cells, found, strict=True)
    )
    if one is None or other is None:
        verdict = not_run(context.records.gaps(pair) or "every seed of both")
    else:
        names = [context.printed.paper.named(part.column) for part in cells]
        reason = f"{names[0]} {one:.2f}, {names[1]} {other:.2f}, each as it would be printed"
        increase = 100 * (one - other) / other
        verdict = Verdict(word="not_testable", reason=reason, estimate=increase)
    sources = tuple(source for of in pair for source in _sources(of, context.records))
    return all(found), verdict, sources


def _cost(cell: Cell, context: JudgingContext) -> CellResult:
    records, network = context.records, cell.of.network
    profile, measured = records.profiles.get(network), records.measured(network)
    counts = records.counted(network)
    sources: tuple[str, ...] = ()
    if isinstance(cell.metric, PeakMemory):
        if profile and measured:
            peak, device = measured.predicted(cell.metric.mode), measured.device
            verdict = _memory(cell, cell.metric, peak, device, context)
            sources = (profile.source,)
        elif counts and isinstance(counts[0], Counted) and counts[0].memory:
            verdict = _memory(cell, cell.metric, counts[0].memory, "", context)
            sources = (counts[1],)
    elif counts:
        verdict, sources = counted(cell, counts[0]), (counts[1],)
    if not sources:
        verdict = not_run(f"profile of {network} ({records.unmeasured(network)})")
    return profile is not None or bool(sources), verdict, sources


def _memory(
    cell: Cell, metric: PeakMemory, found: PredictedPeak, device: str, context: JudgingContext
) -> Verdict:
    """Judge the peak, with the CUDA context if the printed column has it in it (D21).

    A peak that another GPU than the paper's had says less of the print than the predicted one.
    """
    if found.batch != metric.batch:
        return not_run(f"a profile at a batch of {metric.batch}")
    peak = found.peak
    on_gpu = peak.measured_allocated_bytes if is_one_of(metric.judged_on, device) else None
    peak_bytes = peak.predicted_peak_bytes if on_gpu is None else on_gpu
    peak_gb = (peak_bytes + metric.context * found.predicted_context_bytes) / GIGA
    how = "predicted" if on_gpu is None else device
    return memory(peak_gb, how, float(cell.value), context.tolerances, metric.judged_on)


def _found(of: Trained, records: Records) -> dict[int, float | None]:
    """Return the top-1 of every seed, in percent; None of one that has none."""
    found = {seed: top1(run) for seed, run in records.seeds(of).items()}
    return {seed: None if x is None else 100 * x for seed, x in found.items()}


def _sources(of: Trained, records: Records) -> tuple[str, ...]:
    return tuple(run.source for run in records.seeds(of).values() if top1(run) is not None)
