"""The cells of a row that say what its top-1 owes to the images that picked its epochs."""

from collections.abc import Mapping, Sequence
from statistics import fmean

from cxv.records.run import Cell
from cxv.results.lookup import FRACTION, Gap, RunLookup, counted, top1, why_none
from cxv.results.optimism import run_optimism
from cxv.statistics import ALPHA, mean_over_seeds

NO_ANSWERS = Gap("no answers", "no seed has an answers.npz that fits its record, for each link")


def optimism_cells(
    seeds: Sequence[RunLookup], links: Mapping[str, RunLookup]
) -> dict[str, Cell | Gap]:
    """Return the mean optimism of a row's seeds, and their mean top-1 less that.

    Args:
        seeds: the ends of the chains of a row.
        links: every run that was looked for, by id.
    """
    scored = [run for run in seeds if top1(run) is not None]
    found = {run.spec.seed: x for run in scored if (x := run_optimism(run, links)) is not None}
    if not found:
        gap = NO_ANSWERS if scored else why_none(seeds)
        return {"top1_optimism": gap, "top1_without_optimism": gap}
    used = [run for run in scored if run.spec.seed in found]
    mean = fmean(found.values())
    reached = fmean(score for run in used if (score := top1(run)) is not None)
    how, sources = _how(used, found), tuple(run.source for run in used)
    over = f"{counted(len(used))}{_lost(scored, found)}"
    return {
        "top1_optimism": Cell(mean, FRACTION, f"mean of {over}; {how}", sources),
        "top1_without_optimism": Cell(
            reached - mean,
            FRACTION,
            f"mean of {over}, less an optimism of {100 * mean:.2f} points; {how}",
            sources,
        ),
    }


def _how(used: Sequence[RunLookup], found: Mapping[int, float]) -> str:
    """Say what was measured, and within which interval over seeds it is."""
    if used[0].spec.training.select_on != "test":
        return "no epoch was picked on the test split"
    estimate = mean_over_seeds(found)
    interval = estimate.interval(ALPHA) if estimate else None
    if interval is None:
        return "epochs picked and scored on halves of the test split"
    low, high = (f"{100 * end:.2f}" for end in interval)
    return (
        "epochs picked and scored on halves of the test split;"
        f" {1 - ALPHA:.0%} interval over seeds {low} to {high} points"
    ).replace("%", " %")


def _lost(scored: Sequence[RunLookup], found: Mapping[int, float]) -> str:
    seeds = [str(run.spec.seed) for run in scored if run.spec.seed not in found]
    without = f"; {len(seeds)} of {len(scored)} without answers (seed {', '.join(seeds)})"
    return without if seeds else ""
