"""How far seeds are apart, learned from all pairs of runs on a dataset: the priors of estimates."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from statistics import variance
from typing import NamedTuple

from cxv.results.lookup import Gap, RunLookup, top1
from cxv.statistics import MIN_SEEDS, Prior, fit_prior

PERCENT = 100


class Cell(NamedTuple):
    """What the seeds of one network, trained one way, have in common."""

    dataset: str
    model: str
    variant: str
    links: tuple[str, ...]

    @classmethod
    def of(cls, run: RunLookup) -> "Cell":
        """Return the cell of a run."""
        spec = run.spec
        return cls(spec.dataset.name, spec.model.name, spec.variant.name, spec.links)

    def shares_a_link(self, other: "Cell") -> bool:
        """Tell whether both chains go on from the same trained weights."""
        return self[:3] == other[:3] and self.links[0] == other.links[0]

    def kind_with(self, other: "Cell") -> "Kind":
        """Return the kind of pair that both are, on one dataset."""
        return self.dataset, self.shares_a_link(other)


Kind = tuple[str, bool]
"""A dataset, and whether the chains of a pair share a link: then they differ by less."""


class SeedVariances:
    """The priors of a study's estimates, by the kind of a pair."""

    def __init__(self, runs: Iterable[RunLookup]) -> None:
        cells: dict[Cell, dict[int, float]] = defaultdict(dict)
        self._steps: dict[str, float] = {}  # one image, in percentage points
        for run in runs:
            if (score := top1(run)) is not None and not isinstance(run.record, Gap):
                cells[Cell.of(run)][run.spec.seed] = PERCENT * score
                self._steps[run.spec.dataset.name] = PERCENT / run.record.outcome.test_images
        self._pairs = _fitted(_of_pairs(cells), self._steps)
        self._cells = _fitted(_of_cells(cells), self._steps)

    def of_pair(self, left: RunLookup, right: RunLookup) -> Prior | None:
        """Return what the pairs of the same kind say of their difference of top-1, points²."""
        return self._pairs.get(Cell.of(left).kind_with(Cell.of(right)))

    def of_cell(self, dataset: str) -> Prior | None:
        """Return what all networks say of the variance of one's top-1, points²."""
        return self._cells.get((dataset, False))


Found = Iterator[tuple[Kind, float, int]]
"""A kind, a variance, and its degrees of freedom."""


def _fitted(found: Found, steps: Mapping[str, float]) -> dict[Kind, Prior]:
    groups: dict[Kind, tuple[list[float], list[int]]] = defaultdict(lambda: ([], []))
    for kind, of_seeds, freedom in found:
        groups[kind][0].append(of_seeds)
        groups[kind][1].append(freedom)
    # Top-1 moves in steps of one image: rounding to them alone gives either side step² / 12.
    fitted = {
        kind: fit_prior(variances, freedoms, least=steps[kind[0]] ** 2 / 6)
        for kind, (variances, freedoms) in groups.items()
    }
    return {kind: prior for kind, prior in fitted.items() if prior}


def _of_pairs(cells: Mapping[Cell, Mapping[int, float]]) -> Found:
    for (one, mine), (other, theirs) in combinations(cells.items(), 2):
        seeds = mine.keys() & theirs
        if one.dataset == other.dataset and len(seeds) >= MIN_SEEDS:
            d = [mine[seed] - theirs[seed] for seed in sorted(seeds)]
            yield one.kind_with(other), variance(d), len(d) - 1


def _of_cells(cells: Mapping[Cell, Mapping[int, float]]) -> Found:
    for cell, scores in cells.items():
        if len(scores) >= MIN_SEEDS:
            yield (cell.dataset, False), variance(scores.values()), len(scores) - 1
