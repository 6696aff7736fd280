"""Mixup and CutMix: what is drawn, what an image becomes, and what it is called then."""

import numpy as np
import pytest
import torch
from jaxtyping import Float
from pydantic import ValidationError
from scipy import stats
from torch import Tensor
from torchvision.transforms import v2

from cxv.augment.mix import Drawn, Mixture, draw
from cxv.augment.plan import Augment, unmixed
from cxv.config.mix import Mix

pytestmark = pytest.mark.usefixtures("one_thread")

SIDE, BATCH = 16, 8
BOTH = Mix(mixup=0.8, cutmix=1.0)
WAYS = [Mix(mixup=0.8), Mix(cutmix=1.0), BOTH]


@pytest.fixture(scope="module")
def images() -> Float[Tensor, "b 3 h w"]:
    return torch.rand(BATCH, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(0))


LABELS = torch.arange(BATCH)


def drawn(mix: Mix, images: int = BATCH, batch: int = BATCH, seed: int = 1) -> Drawn:
    return draw(mix, images, batch, SIDE, torch.Generator().manual_seed(seed), "cpu")


def rolled(mixture: Mixture) -> Drawn:
    """Return what pairs every image with the one before it, as torchvision does."""
    return Drawn(BATCH, torch.arange(BATCH).roll(1), (mixture,))


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_mixup_is_torchvisions(images: Tensor, share: float) -> None:
    mixed, targets = rolled(Mixture(share, None))(images, LABELS, 0)
    theirs = v2.MixUp(num_classes=BATCH)
    labels = {"labels": LABELS, "batch_size": BATCH, "lam": share}
    torch.testing.assert_close(mixed, theirs.transform(images, labels))
    assert torch.equal(
        whole(targets.labels, targets.others, share), theirs.transform(LABELS, labels)
    )


def whole(labels: Tensor, others: Tensor | None, share: float) -> Tensor:
    """Return targets as rows of a number for each class."""
    assert others is not None
    one, other = (torch.nn.functional.one_hot(x, BATCH).float() for x in (labels, others))
    return other * (1.0 - share) + one * share


@pytest.mark.parametrize("box", [(2, 6, 3, 12), (0, 16, 0, 16), (5, 5, 3, 9)])
def test_cutmix_is_torchvisions(images: Tensor, box: tuple[int, int, int, int]) -> None:
    top, bottom, left, right = box
    share = 1 - (bottom - top) * (right - left) / SIDE**2
    mixed, targets = rolled(Mixture(share, box))(images, LABELS, 0)
    theirs = v2.CutMix(num_classes=BATCH)
    parameters = {"box": (left, top, right, bottom), "lam_adjusted": share}
    parameters |= {"labels": LABELS, "batch_size": BATCH}
    assert torch.equal(mixed, theirs.transform(images, parameters))
    expected = theirs.transform(LABELS, parameters)
    assert torch.equal(whole(targets.labels, targets.others, share), expected)


@pytest.mark.parametrize("mix", WAYS, ids=str)
def test_the_images_given_are_left_as_they_are(images: Tensor, mix: Mix) -> None:
    before = images.clone()
    mixed, targets = drawn(mix)(images, LABELS, 0)
    assert torch.equal(images, before)
    assert mixed.shape == images.shape
    assert torch.equal(targets.labels, LABELS)


@pytest.mark.parametrize("mix", WAYS, ids=str)
def test_the_share_of_a_label_is_that_of_its_pixels(mix: Mix) -> None:
    """Images of one level each: the mean level of a mixed one tells how much of each it has."""
    flat = torch.arange(BATCH, dtype=torch.float32)[:, None, None, None].expand(-1, 3, SIDE, SIDE)
    for seed in range(20):
        mixed, targets = drawn(mix, seed=seed)(flat.contiguous(), LABELS, 0)
        assert targets.others is not None
        expected = targets.share * targets.labels + (1 - targets.share) * targets.others
        torch.testing.assert_close(mixed.mean((1, 2, 3)), expected)


@pytest.mark.parametrize("count", [1, 7, 8, 20])
def test_partners_are_of_the_same_batch_each_of_them_once(count: int) -> None:
    found = drawn(BOTH, images=count)
    sizes = [len(part) for part in found.partners.split(BATCH)]
    assert len(found.mixtures) == len(sizes)
    for part in found.partners.split(BATCH):
        assert sorted(part.tolist()) == list(range(len(part)))


def test_partners_differ_from_batch_to_batch_and_are_drawn_fairly() -> None:
    partners = drawn(BOTH, images=8000).partners.view(-1, BATCH)
    for place in range(BATCH):
        counts = partners[:, place].bincount(minlength=BATCH)
        assert stats.chisquare(counts.numpy()).pvalue > 1e-4


def test_a_batch_of_its_own_image_stays_as_it_is(images: Tensor) -> None:
    for seed in range(8):
        mixed, targets = drawn(BOTH, images=1, seed=seed)(images[:1], LABELS[:1], 0)
        torch.testing.assert_close(mixed, images[:1])
        assert targets.others is not None
        assert torch.equal(targets.others, LABELS[:1])


def test_a_batch_is_mixed_by_its_own_draws(images: Tensor) -> None:
    found = drawn(BOTH, images=3 * BATCH)
    for number, mixture in enumerate(found.mixtures):
        partners = found.partners[number * BATCH : (number + 1) * BATCH]
        expected = Drawn(BATCH, partners, (mixture,))(images, LABELS, 0)
        ours = found(images, LABELS, number)
        assert torch.equal(ours[0], expected[0])
        assert torch.equal(ours[1].others, expected[1].others)  # type: ignore[arg-type]
        assert ours[1].share == mixture.share


@pytest.mark.parametrize("mix", WAYS, ids=str)
def test_the_generator_alone_decides(mix: Mix) -> None:
    torch.manual_seed(0)
    np.random.seed(0)  # noqa: NPY002 - of no use here, which is to be shown
    one, same, other = (drawn(mix, images=80, seed=seed) for seed in (1, 1, 2))
    assert one.mixtures == same.mixtures != other.mixtures
    assert torch.equal(one.partners, same.partners)
    assert not torch.equal(one.partners, other.partners)
    assert torch.equal(torch.rand(3), torch.rand(3, generator=torch.Generator().manual_seed(0)))


def test_each_epoch_draws_anew() -> None:
    augment = Augment((), torch.Generator().manual_seed(1), BOTH)
    one, two = (augment.mixing(80, BATCH, SIDE, "cpu") for _ in range(2))
    assert isinstance(one, Drawn)
    assert isinstance(two, Drawn)
    assert one.mixtures != two.mixtures


def test_without_the_setting_nothing_is_drawn_or_done(images: Tensor) -> None:
    generator = torch.Generator().manual_seed(0)
    mixing = Augment((), generator).mixing(80, BATCH, SIDE, "cpu")
    assert mixing is unmixed
    assert mixing(images, LABELS, 0)[0] is images
    assert mixing(images, LABELS, 0)[1].others is None
    assert torch.equal(
        torch.rand(3, generator=generator),
        torch.rand(3, generator=torch.Generator().manual_seed(0)),
    )


@pytest.mark.parametrize("strength", [0.3, 0.8, 1.0, 4.0])
def test_shares_of_mixup_are_of_the_beta_distribution(strength: float) -> None:
    found = drawn(Mix(mixup=strength), images=4000, batch=1).mixtures
    assert {mixture.box for mixture in found} == {None}
    shares = [mixture.share for mixture in found]
    assert stats.kstest(shares, stats.beta(strength, strength).cdf).pvalue > 1e-3


def test_of_both_each_has_half_of_the_batches() -> None:
    count = 4000
    cut = sum(mixture.box is not None for mixture in drawn(BOTH, count, 1).mixtures)
    assert abs(cut / count - 0.5) < 0.032  # 4 standard deviations


def test_of_both_each_has_its_own_parameter() -> None:
    """Shares of Mixup at 100 are near a half; boxes at 100 leave half, at 0.1 all or nothing."""
    found = drawn(Mix(mixup=100.0, cutmix=0.1), 4000, 1).mixtures
    assert all(0.2 < mixture.share < 0.8 for mixture in found if not mixture.box)
    shares = [mixture.share for mixture in found if mixture.box]
    assert np.mean([share < 0.1 or share > 0.9 for share in shares]) > 0.3  # at 100: 0.02


def test_boxes_lie_anywhere_and_are_squares_but_for_what_is_cut_off() -> None:
    found = [mixture.box for mixture in drawn(Mix(cutmix=1.0), 4000, 1).mixtures]
    inner, sides = set(), set()
    for box in found:
        assert box is not None
        top, bottom, left, right = box
        assert 0 <= top <= bottom <= SIDE
        assert 0 <= left <= right <= SIDE
        if top > 0 and left > 0 and bottom < SIDE and right < SIDE:
            assert bottom - top == right - left
            sides.add(bottom - top)
            inner.add(((top + bottom) // 2, (left + right) // 2))
    assert len({y for y, _ in inner}) == len({x for _, x in inner}) == SIDE - 1
    assert sides >= {*range(0, SIDE - 2, 2)}  # larger ones hardly ever lie within


@pytest.mark.parametrize("setting", [{}, {"mixup": 0}, {"cutmix": -1}, {"mix": 1}])
def test_a_mix_of_nothing_or_without_strength_is_refused(setting: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        Mix.model_validate(setting)
