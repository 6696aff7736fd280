"""How often does each rule say each word? Draws docs/operating_characteristics.svg.

``python -m benchmarks.operating_characteristics``, a minute. Comparisons are drawn around a true
effect and judged by the functions that judge a paper: ``compare`` and ``accuracy``.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from math import inf
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cxv.paper.load_claims import load_tolerances
from cxv.paper.verdict_rules import Claimed, Word, accuracy, compare
from cxv.paper.verdict_rules.printed_top1 import deviations_above
from cxv.report.figures.drawing import INK, PALETTE, house_style, standalone, svg
from cxv.statistics import Estimate, fit_prior, mean_over_seeds

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "docs/operating_characteristics.svg"
TOLERANCES = load_tolerances(ROOT / "data/paper/tolerances.yaml")
DATASET, PRINTED_PP, BEST_OF = "cifar10", 90.0, 3
SEEDS, EFFECTS = (3, 5, 10), 31
WORDS: tuple[Word, ...] = ("reproduced", "inconclusive", "not_reproduced")
ROUNDING_PP2 = 0.01**2 / 6  # of top-1 on 10,000 images


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """What studies are drawn: how far chance moves a comparison, in percentage points."""

    seed_sd: float = TOLERANCES.planned.seed_sd  # of the difference of one seed
    image_error: float = TOLERANCES.planned.image_error  # standard error
    pairs: int = 15  # of the study, whose variances are pooled
    models: int = 6
    trials: int = 1000


class Runs(NamedTuple):
    """One model, with an expected best of ``BEST_OF`` seeds at 0."""

    top1: Mapping[int, float]
    mean: Estimate


@lru_cache(maxsize=8)
def differences(seeds: int, study: Study) -> tuple[Estimate, ...]:
    """Return estimates of a difference that is 0."""
    random, freedom = np.random.default_rng(seeds), seeds - 1
    drawn = random.chisquare(freedom, (study.trials, study.pairs)) / freedom
    mean_sd = (study.seed_sd**2 / seeds + study.image_error**2) ** 0.5
    return tuple(
        Estimate(
            mean_sd * float(random.standard_normal()),
            float(variances[0]) / seeds,
            study.image_error**2,
            seeds,
            prior=fit_prior(variances.tolist(), [freedom] * study.pairs, ROUNDING_PP2),
        )
        for variances in study.seed_sd**2 * drawn
    )


@lru_cache(maxsize=8)
def models(seeds: int, study: Study) -> tuple[Runs, ...]:
    """Return the runs of one model of a study of several, each study's own."""
    sd, random = study.seed_sd / 2**0.5, np.random.default_rng(seeds)
    return tuple(_of_model(sd, random, seeds, study) for _ in range(study.trials))


def _of_model(sd: float, random: np.random.Generator, seeds: int, study: Study) -> Runs:
    top1 = sd * (random.standard_normal((study.models, seeds)) - deviations_above(BEST_OF))
    prior = fit_prior(top1.var(1, ddof=1).tolist(), [seeds - 1] * study.models, ROUNDING_PP2)
    mean = mean_over_seeds(dict(enumerate(top1[0].tolist())))
    if mean is None:
        raise ValueError("a model has seeds")
    return Runs(dict(enumerate(top1[0].tolist())), replace(mean, prior=prior))


def of_claim(claimed: Claimed, effect: float, seeds: int, study: Study) -> Iterator[Word]:
    """Judge differences whose truth is ``effect``."""
    for found in differences(seeds, study):
        moved = replace(found, mean=found.mean + effect)
        yield compare(moved, claimed, TOLERANCES.alpha).word


def of_print(effect: float, seeds: int, study: Study) -> Iterator[Word]:
    """Judge top-1 whose expected best is ``effect`` above the print."""
    by = PRINTED_PP + effect
    for runs in models(seeds, study):
        top1 = {seed: x + by for seed, x in runs.top1.items()}
        mean = replace(runs.mean, mean=runs.mean.mean + by)
        found = accuracy(top1, mean, PRINTED_PP, DATASET, TOLERANCES, best_of=BEST_OF)
        yield found.word


Judge = Callable[[float, int, Study], Iterator[Word]]


@dataclass(frozen=True, slots=True)
class Rule:
    """What is claimed, how it is judged, and which effects are drawn."""

    claimed: Claimed
    low: float  # percentage points
    high: float
    judge: Judge | None = None  # None: as a difference

    def chances(self, effects: Sequence[float], seeds: int, study: Study) -> np.ndarray:
        """Return the share of each of ``WORDS``, (effects, words)."""
        return np.array([self._shares(effect, seeds, study) for effect in effects])

    def _shares(self, effect: float, seeds: int, study: Study) -> list[float]:
        judged = self.judge or (lambda *given: of_claim(self.claimed, *given))
        words = list(judged(effect, seeds, study))
        return [words.count(word) / len(words) for word in WORDS]


AROUND = TOLERANCES.around(DATASET)
RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "better": Rule(Claimed(0.0, inf), -1.5, 1.5),
        "better by\nover 4": Rule(Claimed(4.0, inf), 2.5, 5.5),
        "no worse\nthan by 0.5": Rule(Claimed(-0.5, inf), -2, 1),
        "alike:\nwithin 1": Rule(Claimed(-1.0, 1.0), -2.5, 2.5),
        "better by\nabout 2": Rule(Claimed(1.5, 2.5), 0, 4),
        "top-1 as printed,\nwithin 1": Rule(Claimed(-AROUND, AROUND), -2.5, 2.5, of_print),
    }
)
COLOURS: Mapping[Word, str] = MappingProxyType(
    {"reproduced": PALETTE[0], "inconclusive": INK, "not_reproduced": PALETTE[1]}
)
DASHES: Mapping[Word, str] = MappingProxyType(
    {"reproduced": "-", "inconclusive": ":", "not_reproduced": "--"}
)


def figure() -> Figure:
    """Draw a row for each rule, a column for each number of seeds."""
    with house_style():
        drawn = Figure(figsize=(7.2, 9.4), layout="constrained")
        rows = drawn.subplots(len(RULES), len(SEEDS), sharey=True, squeeze=False)
        for row, (name, rule) in zip(rows, RULES.items(), strict=True):
            for axes, seeds in zip(row, SEEDS, strict=True):
                _panel(axes, rule, seeds)
            row[0].set_ylabel(f"{name}\n", fontsize=8)
        for axes, seeds in zip(rows[0], SEEDS, strict=True):
            axes.set_title(f"{seeds} seeds", fontsize=9)
        for axes in rows[-1]:
            axes.set_xlabel("true effect, percentage points")
        drawn.legend(*rows[0][0].get_legend_handles_labels(), loc="outside upper center", ncols=4)
    return drawn


def _panel(axes: Axes, rule: Rule, seeds: int) -> None:
    effects = np.linspace(rule.low, rule.high, EFFECTS)
    shares = rule.chances(list(effects), seeds, Study())
    low, high = max(rule.claimed.low, rule.low), min(rule.claimed.high, rule.high)
    axes.axvspan(low, high, color=INK, alpha=0.14, linewidth=0, label="claimed")
    for word, share in zip(WORDS, shares.T, strict=True):
        axes.plot(
            effects, share, color=COLOURS[word], ls=DASHES[word], label=word.replace("_", " ")
        )
    axes.set(xlim=(rule.low, rule.high), ylim=(-0.02, 1.02), yticks=[0, 0.5, 1])


def main() -> None:
    """Write the figure."""
    with mpl.rc_context({"axes.unicode_minus": True}):
        text = svg(figure(), "rules", "The chance of each word against the true effect, by rule")
    PICTURE.write_text(standalone(text) + "\n")
    print(f"{PICTURE.relative_to(ROOT)}: {PICTURE.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
