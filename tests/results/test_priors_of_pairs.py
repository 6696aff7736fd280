"""How far seeds are apart, learned from all pairs of runs of a kind."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from math import inf
from statistics import variance

import pytest
import samples
from look_up import find_runs

from cxv.results.lookup import Gap, RunLookup
from cxv.results.seed_variances import SeedVariances
from cxv.statistics import Prior, fit_prior
from cxv.statistics.moderation import SHARE_OF_FREEDOM

STUDY = """
studies:
  small:
    title: Three networks, each trained in three ways, and two begin alike
    runs:
      - datasets: [cifar10]
        models: [cnv, cpv_small, resnet18]
        recipes: [adamw, dualopt, posttrain]
      - {datasets: [digits], models: [cnv, cpv_small, resnet18], recipes: [adamw]}
"""
LEAST = (100 / samples.TEST_IMAGES) ** 2 / 6
"""Rounding to images of both sides: a variance of step² / 12 each."""

SPREAD = [0.0, 3.0, -2.0, 5.0]
"""What is added to the seeds of one model, times 1, 2 or 4 by the model."""

V = 29 / 3
"""The variance of these: a mean of 1.5 and squares of 2.25, 2.25, 12.25, 12.25."""

Scores = Callable[[RunLookup], float | None]


def by_model(run: RunLookup) -> float:
    times = {"cnv": 1, "cpv_small": 2, "resnet18": 4}[run.spec.model.name]
    return 50 + times * SPREAD[run.spec.seed]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, RunLookup]:
    """Runs of four seeds, to whose records a test gives other scores.

    On CIFAR-10 each model has five cells, links before the last among them: adamw, adamw/sgd and,
    from adamw_ra on, three. So 75 pairs are of two models, and of the 10 of one model 4 share their
    first link. On digits there are three pairs.
    """
    root = tmp_path_factory.mktemp("runs")
    text = samples.GRID.partition("studies:")[0] + STUDY.lstrip()
    params = samples.grid(root, text.replace("seeds: [0, 1]", "seeds: [0, 1, 2, 3]"))
    for run in params.runs("small").values():
        samples.save_run(root, run)
    return find_runs(params, "small", root)


def scored(found: Mapping[str, RunLookup], percent: Scores) -> list[RunLookup]:
    """Return the runs with other top-1; None: diverged."""
    return [_with(run, percent(run)) for run in found.values()]


def _with(run: RunLookup, percent: float | None) -> RunLookup:
    assert not isinstance(run.record, Gap)
    top1 = None if percent is None else percent / 100
    outcome = run.record.outcome.model_copy(update={"top1": top1})
    return replace(run, record=run.record.model_copy(update={"outcome": outcome}))


def of(runs: Iterable[RunLookup], cell: str) -> RunLookup:
    """Return the run of seed 0 of a cell, such as ``cifar10/cnv/adamw``."""
    dataset, model, links = cell.split("/", 2)
    return next(run for run in runs if run.spec.id == f"{dataset}/{model}/base/s0/{links}")


def pooled(runs: list[RunLookup], left: str, right: str) -> Prior | None:
    return SeedVariances(runs).of_pair(of(runs, left), of(runs, right))


def same(found: Prior | None, variances: list[float], freedoms: list[int]) -> bool:
    return found == pytest.approx(fit_prior(variances, freedoms, LEAST))


OF_MODELS = [V] * 25 + [4 * V] * 25 + [9 * V] * 25 + [0.0] * 18


def test_all_pairs_that_share_no_link_are_pooled(found: Mapping[str, RunLookup]) -> None:
    """Models differ by 1, 2 and 3 times the spread; 18 pairs of one model do not."""
    runs = scored(found, by_model)
    for right in ("cifar10/resnet18/adamw", "cifar10/cnv/adamw_ra/adamw"):
        prior = pooled(runs, "cifar10/cnv/adamw", right)
        assert prior is not None
        assert same(prior, OF_MODELS, [3] * 93)
        assert prior.pairs == 93


def test_chains_that_share_their_first_link_are_a_kind_of_their_own(
    found: Mapping[str, RunLookup],
) -> None:
    """Twelve pairs, here without a difference: they have the variance of rounding alone."""
    runs = scored(found, by_model)
    prior = pooled(runs, "cifar10/cnv/adamw_ra", "cifar10/cnv/adamw_ra/adamw/sgd")
    assert prior == pytest.approx(Prior(LEAST, inf, SHARE_OF_FREEDOM * 36, 12))


def test_what_a_seed_does_to_all_models_is_no_difference(found: Mapping[str, RunLookup]) -> None:
    """Pairs are of one seed; of a model alone it counts."""
    runs = scored(found, lambda run: by_model(run) + 4 * run.spec.seed)
    assert same(pooled(runs, "cifar10/cnv/adamw", "cifar10/resnet18/adamw"), OF_MODELS, [3] * 93)
    alone = [variance(k * x + 4 * n for n, x in enumerate(SPREAD)) for k in (1, 2, 4)]
    assert same(SeedVariances(runs).of_cell("cifar10"), alone * 5, [3] * 15)


def test_the_order_of_runs_is_of_no_account(found: Mapping[str, RunLookup]) -> None:
    runs = scored(found, by_model)
    ends = "cifar10/cnv/adamw", "cifar10/resnet18/adamw"
    assert pooled(runs[::-1], *ends) == pytest.approx(pooled(runs, *ends))


def test_a_seed_that_diverged_costs_its_pairs_one_degree_of_freedom(
    found: Mapping[str, RunLookup],
) -> None:
    """Seed 0 of cnv/adamw: 13 of its pairs share no link, 10 with other models."""
    lost = {"cifar10/cnv/base/s0/adamw"}
    runs = scored(found, lambda run: None if run.spec.id in lost else by_model(run))
    three = variance(SPREAD[1:])
    variances = [three] * 5 + [9 * three] * 5 + [0.0] * 3
    freedoms = [2] * 13 + [3] * 80
    variances += [V] * 20 + [4 * V] * 25 + [9 * V] * 20 + [0.0] * 15
    assert same(pooled(runs, "cifar10/cnv/adamw", "cifar10/resnet18/adamw"), variances, freedoms)


def test_two_seeds_say_too_little_to_be_heard(found: Mapping[str, RunLookup]) -> None:
    runs = scored(
        found,
        lambda run: None if run.spec.seed > 1 and run.spec.model.name == "cnv" else by_model(run),
    )
    prior = pooled(runs, "cifar10/cnv/adamw", "cifar10/resnet18/adamw")
    assert same(prior, [4 * V] * 25 + [0.0] * 12, [3] * 37)
    assert same(SeedVariances(runs).of_cell("cifar10"), [4 * V, 16 * V] * 5, [3] * 10)


def test_three_pairs_of_a_dataset_are_not_pooled(found: Mapping[str, RunLookup]) -> None:
    runs = scored(found, by_model)
    assert pooled(runs, "digits/cnv/adamw", "digits/resnet18/adamw") is None
    assert SeedVariances(runs).of_cell("digits") is None
    assert SeedVariances([]).of_cell("cifar10") is None
