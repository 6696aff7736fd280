"""The study ``claims`` is what the tests of claims ask for, no run more or less."""

from functools import cache
from itertools import product

import pytest
from shared_fixtures import ROOT

from cxv.config.grid import Params
from cxv.config.spec import Run
from cxv.paper.claim_tests import Runs, Top1Test
from cxv.paper.load_claims import Paper, load_paper
from cxv.paper.selection import networks_wanted, pairs, runs_wanted, trained
from cxv.results.selection import Trained


@cache
def paper() -> Paper:
    return load_paper(ROOT / "data/paper")


def run(params: Params, one: Trained) -> Run:
    return Run(
        dataset=params.datasets[one.dataset],
        model=params.models[one.model],
        variant=params.variants[one.variant],
        seed=0,
        phases=tuple(params.phases[name] for name in params.recipes[one.recipe]),
        training=params.training,
    )


def test_the_study_claims_has_every_run_that_a_claim_is_tested_by_and_no_other(
    params: Params,
) -> None:
    wanted = {link.id for one in runs_wanted(paper().claims) for link in run(params, one).chain}
    runs = params.runs("claims").values()
    assert {one.model_copy(update={"seed": 0}).id for one in runs} == wanted
    assert params.studies["claims"].in_all


def test_it_has_every_seed_of_them(params: Params) -> None:
    seeds: dict[str, set[int]] = {}
    for one in params.runs("claims").values():
        seeds.setdefault(one.model_copy(update={"seed": 0}).id, set()).add(one.seed)
    assert all({*params.seeds} <= found for found in seeds.values())


def test_it_measures_every_network_that_a_claim_counts(params: Params) -> None:
    trained_too = {one.network for one in runs_wanted(paper().claims)}
    assert params.profiles("claims").keys() == networks_wanted(paper().claims) | trained_too


def test_what_params_yaml_lacks_is_not_asked_for() -> None:
    names = {one.variant for one in runs_wanted(paper().claims)}
    assert "rotary" in names
    assert not names & {"class_token", "linear_embedding"}


SIDE = Runs(
    datasets=("cifar10", "cifar100"),
    models=("cnv", "cpv"),
    variants=("base",),
    recipes=("dualopt",),
)


@pytest.mark.parametrize(
    ("same", "other", "count"), [(("dataset", "model"), "cnv", 4), (("dataset",), "cpv", 8)]
)
def test_pairs_share_what_they_are_set_to_share(
    same: tuple[str, ...], other: str, count: int
) -> None:
    right = SIDE.model_copy(update={"recipes": ("adamw",)})
    test = Top1Test.model_validate(
        {"rule": "top1", "left": SIDE, "right": right, "same": same, "above": 0, "why": "more"}
    )
    found = [pair.words("dualopt") for pair in pairs(test)]
    assert {f"cnv against {other} adamw, {dataset}" for dataset in SIDE.datasets} <= set(found)
    assert len(found) == len(set(found)) == count


def test_of_several_the_best_or_the_mean_is_one_side() -> None:
    also = Runs(
        datasets=("cifar10",), models=("cltv",), variants=("base",), recipes=("posttrain3",)
    )
    left = SIDE.model_copy(update={"take": "best", "also": also})
    test = Top1Test.model_validate(
        {"rule": "top1", "left": left, "right": SIDE, "above": 0, "why": "more"}
    )
    found = [pair.words("dualopt") for pair in pairs(test)]
    best = "best of cnv, cpv, cltv posttrain3"
    assert found[:2] == [f"{best} against {name}, cifar10" for name in ("cnv", "cpv")]
    assert found[2:] == [f"best of cnv, cpv against {name}, cifar100" for name in ("cnv", "cpv")]
    assert len(list(trained(left))) == len(list(product(SIDE.datasets, SIDE.models))) + 1
