"""An effect over several models: published data, the images that they share, limits."""

from math import nan, sqrt

import numpy as np
import pytest
from scipy import stats

from benchmarks.pooled import held
from cxv.statistics import Effect, Estimate, pool

ALPHA = 0.05
BCG = (  # vaccinated with tuberculosis and without, then the same of controls: Colditz et al. 1994
    (4, 119, 11, 128), (6, 300, 29, 274), (3, 228, 11, 209), (62, 13536, 248, 12619),
    (33, 5036, 47, 5761), (180, 1361, 372, 1079), (8, 2537, 10, 619), (505, 87886, 499, 87892),
    (29, 7470, 45, 7232), (17, 1699, 65, 1600), (186, 50448, 141, 27197), (5, 2493, 3, 2338),
    (27, 16886, 29, 17825),
)  # fmt: skip


def effect(mean: float, error: float, seeds: int = 3) -> Effect:
    return Effect(Estimate(mean, error**2, 0.0, seeds))


def test_the_trials_of_the_bcg_vaccine_spread_as_is_published() -> None:
    """The spread of log risk ratios by Hedges's estimator is 0.3286 squared (metafor, HE)."""
    trials = []
    for ill, well, other_ill, other_well in BCG:
        treated, control = ill + well, other_ill + other_well
        ratio = (ill / treated) / (other_ill / control)
        variance = 1 / ill - 1 / treated + 1 / other_ill - 1 / control
        trials.append(effect(np.log(ratio), sqrt(variance)))
    found = pool([trials])
    assert found is not None
    assert found.spread is not None
    assert found.spread**2 == pytest.approx(0.3286, abs=5e-5)
    by_t_test = stats.ttest_1samp([one.estimate.mean for one in trials], 0).confidence_interval()
    assert found.interval(ALPHA) == pytest.approx(tuple(by_t_test))


def test_the_spread_of_three_models_by_hand() -> None:
    """Means 0, 2, 4 vary by 4; errors of 1 explain a quarter of it."""
    found = pool([[effect(0.0, 1.0), effect(2.0, 1.0), effect(4.0, 1.0)]])
    assert found is not None
    assert (found.mean, found.models) == (2, 3)
    assert found.spread == pytest.approx(sqrt(3))
    assert found.model_variance == pytest.approx(4 / 3)


def test_one_model_gives_nothing_and_two_a_mean_without_an_interval() -> None:
    assert pool([[effect(1.0, 0.5)]]) is None
    found = pool([[effect(1.0, 0.5), effect(2.0, 0.5)]])
    assert found is not None
    assert found.mean == 1.5
    assert found.interval(ALPHA) is None


def test_models_that_agree_have_no_spread_and_no_certainty() -> None:
    found = pool([[effect(1.0, 0.5)] * 4])
    assert found is not None
    assert found.spread == 0
    assert found.interval(ALPHA) is None


def test_of_single_seeds_nothing_tells_chance_from_spread() -> None:
    single = [Effect(Estimate(x, nan, nan, 1)) for x in (0.0, 1.0, 2.0)]
    found = pool([single])
    assert found is not None
    assert found.spread is None
    expected = stats.ttest_1samp([0.0, 1.0, 2.0], 0).confidence_interval()
    assert found.interval(ALPHA) == pytest.approx(tuple(expected))


def test_over_datasets_a_model_has_the_mean_of_its_effects() -> None:
    """Models 0 and 4 on one, 2 and 2 on the other: 1 and 3; half of each variance is chance."""
    found = pool([[effect(0.0, 1.0), effect(4.0, 1.0)], [effect(2.0, 1.0), effect(2.0, 1.0)]])
    assert found is not None
    assert (found.mean, found.models) == (2, 2)
    assert found.spread == pytest.approx(sqrt(2 - 1 / 2))


def test_what_images_do_to_all_models_sets_none_of_them_apart() -> None:
    """Gains of the same image, and 0, 20, 40 points on each: they vary by 400, and seeds by 100."""
    gained = np.array([1.0, 0.0, 0.0, 0.0])
    effects = [
        Effect(Estimate(25.0 + more, 100.0, 100**2 / 16, 3), gained + more / 100)
        for more in (0.0, 20.0, 40.0)
    ]
    found = pool([effects])
    assert found is not None
    assert found.spread == pytest.approx(sqrt(400 - 100), rel=1e-4)


def test_what_images_agree_on_is_added_once_by_hand() -> None:
    """Three models gain the same one of four images: its mean varies by 1/4, over 4 images."""
    by_image = np.array([1.0, 0.0, 0.0, 0.0])
    estimate = Estimate(25.0, 0.0, 100**2 / 16, 3)
    found = pool([[Effect(estimate, by_image)] * 3])
    assert found is not None
    assert found.image_variance == pytest.approx(100**2 / 4 / 4)
    assert found.spread == 0
    assert found.interval(ALPHA) == pytest.approx((25 - 25 * 1.959964, 25 + 25 * 1.959964))
    apart = pool([[Effect(estimate, np.roll(by_image, i)) for i in range(3)]])
    assert apart is not None
    assert apart.image_variance == 0


@pytest.mark.parametrize(("models", "spread"), [(3, 0.0), (3, 1.0), (8, 0.3)])
def test_the_interval_holds_the_effect_although_models_share_images(
    models: int, spread: float
) -> None:
    """A t-test on the models takes them as independent, and holds it too rarely.

    500 trials: the standard error of a rate is 1 point.
    """
    ours, naive = held(models, spread, trials=500)
    assert 93 <= ours <= 99
    assert naive < ours
    if spread < 1:
        assert naive < 91
