"""What is drawn for an image is what it gets, however the epoch is cut; draws are fair."""

import pytest
import torch
import torch.nn.functional as F
from jaxtyping import UInt8
from pydantic import TypeAdapter, ValidationError
from torch import Tensor

from cxv.augment import crop, cutout, flip, randaugment
from cxv.augment.entries import ENTRIES
from cxv.augment.plan import Pass, Plan, plan
from cxv.config.augmentation import (
    Augmentation,
    Crop,
    Cutout,
    Erasing,
    Flip,
    RandAugment,
    ResizedCrop,
)

pytestmark = pytest.mark.usefixtures("one_thread")

COUNT, SIDE = 512, 16
FLIP = Flip(name="flip")
CROP = Crop(name="crop", padding=3)
CUTOUT = Cutout(name="cutout", side=5)
RANDAUGMENT = RandAugment(name="randaugment", operations=2, magnitude=9)
RESIZED_CROP = ResizedCrop(name="resized_crop", scale=(0.3, 1.0))
ERASING = Erasing(name="erasing")
SPREAD = RandAugment(name="randaugment", operations=2, magnitude=9, deviation=3.0)
STEPS = (FLIP, CROP, CUTOUT, RANDAUGMENT, RESIZED_CROP, ERASING, SPREAD)
ALONE = [pytest.param((step,), id=str(step)) for step in STEPS]


@pytest.fixture(scope="module")
def images() -> UInt8[Tensor, "n 3 h w"]:
    """Noise without black."""
    generator = torch.Generator().manual_seed(0)
    return torch.randint(1, 256, (COUNT, 3, SIDE, SIDE), generator=generator, dtype=torch.uint8)


def planned(*steps: Augmentation, seed: int = 1) -> Plan:
    return plan(steps, COUNT, SIDE, torch.Generator().manual_seed(seed))


def one_pass(images: int = COUNT) -> Pass:
    return Pass(images, SIDE, torch.Generator().manual_seed(0), "cpu")


def test_every_augmentation_has_its_code() -> None:
    assert {step.name for step in STEPS} == set(ENTRIES)


@pytest.mark.parametrize("steps", [*ALONE, pytest.param(STEPS, id="all")])
@pytest.mark.parametrize("size", [32, 100, 1])
def test_no_image_depends_on_where_the_epoch_is_cut(
    images: Tensor, steps: tuple[Augmentation, ...], size: int
) -> None:
    augment = planned(*steps)
    parts = [augment(part, size * i) for i, part in enumerate(images.split(size))]
    assert torch.equal(torch.cat(parts), augment(images, 0))


@pytest.mark.parametrize("steps", ALONE)
def test_the_images_given_are_left_as_they_are(
    images: Tensor, steps: tuple[Augmentation, ...]
) -> None:
    before = images.clone()
    after = planned(*steps)(images, 0)
    assert torch.equal(images, before)
    assert not torch.equal(after, before)


@pytest.mark.parametrize("steps", ALONE)
def test_the_generator_alone_decides(images: Tensor, steps: tuple[Augmentation, ...]) -> None:
    torch.manual_seed(0)
    found = [planned(*steps, seed=seed)(images, 0) for seed in (1, 1, 2)]
    assert torch.equal(found[0], found[1])
    assert not torch.equal(found[0], found[2])
    assert torch.equal(torch.rand(3), torch.rand(3, generator=torch.Generator().manual_seed(0)))


def test_the_next_epoch_differs_and_is_had_again_from_the_state_at_its_start(
    images: Tensor,
) -> None:
    generator = torch.Generator().manual_seed(0)
    first = plan(STEPS, COUNT, SIDE, generator)(images, 0)
    state = generator.get_state()
    second = plan(STEPS, COUNT, SIDE, generator)(images, 0)
    assert not torch.equal(first, second)
    generator = torch.Generator()
    generator.set_state(state)
    assert torch.equal(plan(STEPS, COUNT, SIDE, generator)(images, 0), second)


def test_augmentations_are_applied_in_the_order_of_the_list(images: Tensor) -> None:
    generator = torch.Generator().manual_seed(1)
    expected = images
    for step in STEPS:
        expected = plan((step,), COUNT, SIDE, generator)(expected, 0)
    assert torch.equal(planned(*STEPS)(images, 0), expected)


def test_nothing_is_done_or_drawn_without_augmentations(images: Tensor) -> None:
    generator = torch.Generator().manual_seed(0)
    assert plan((), COUNT, SIDE, generator)(images, 0) is images
    assert torch.equal(torch.rand(3, generator=generator), torch.rand(3, generator=fresh()))


def fresh() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def test_each_image_gets_the_operations_drawn_for_it(images: Tensor) -> None:
    drawn = randaugment.draw(RANDAUGMENT, one_pass())
    variants = [
        operation
        for sign in (1, -1)
        for operation in randaugment.operations(9, SIDE, sign=sign, device="cpu").values()
    ]
    expected = [
        variants[second](variants[first](image[None]))
        for image, (first, second) in zip(images, drawn.numbers.T.tolist(), strict=True)
    ]
    assert torch.equal(drawn(images, 0), torch.cat(expected))


def test_operations_and_signs_are_drawn_fairly() -> None:
    count = 14_000
    drawn = randaugment.draw(RANDAUGMENT, one_pass(count)).numbers
    for numbers in drawn:
        of_sign = numbers.bincount(minlength=28).view(2, 14)
        assert (of_sign.sum(0) / count * 14 - 1).abs().max() < 0.12  # 4 standard deviations
        share = of_sign[1] / of_sign.sum(0)
        signed = torch.tensor(randaugment.SIGNED)
        assert (share[signed] - 0.5).abs().max() < 0.065  # 4 standard deviations
        assert (share[~signed] == 0).all()
    both = (14 * (drawn[0] % 14) + drawn[1] % 14).bincount(minlength=196)
    assert both.min() > 0.5 * count / 196  # one operation says nothing of the next


@pytest.mark.parametrize("probability", [0.25, 0.5, 1.0])
def test_a_flip_mirrors_the_images_drawn_with_its_probability(
    images: Tensor, probability: float
) -> None:
    drawn = flip.draw(Flip(name="flip", probability=probability), one_pass())
    for before, after, mirrored in zip(images, drawn(images, 0), drawn.mirrored, strict=True):
        assert torch.equal(after, before.flip(-1) if mirrored else before)
    assert drawn.mirrored.float().mean().item() == pytest.approx(probability, abs=0.09)


def test_a_crop_is_a_window_of_the_image_in_its_black_frame(images: Tensor) -> None:
    drawn = crop.draw(CROP, one_pass())
    moves = list(zip(drawn.down.tolist(), drawn.right.tolist(), strict=True))
    for before, after, (down, right) in zip(images, drawn(images, 0), moves, strict=True):
        framed = F.pad(before, [CROP.padding] * 4)
        top, left = CROP.padding + down, CROP.padding + right
        assert torch.equal(after, framed[:, top : top + SIDE, left : left + SIDE])
    assert set(moves) == {(y, x) for y in range(-3, 4) for x in range(-3, 4)}


@pytest.mark.parametrize("side", [5, 6])
def test_a_cutout_blackens_a_square_that_may_lie_partly_outside(images: Tensor, side: int) -> None:
    drawn = cutout.draw(Cutout(name="cutout", side=side), one_pass())
    corners = list(zip(drawn.top.tolist(), drawn.left.tolist(), strict=True))
    for before, after, (top, left) in zip(images, drawn(images, 0), corners, strict=True):
        expected = before.clone()
        expected[:, max(top, 0) : top + side, max(left, 0) : left + side] = 0
        assert torch.equal(after, expected)
    tops = {top + side // 2 for top, _ in corners}
    assert tops == {left + side // 2 for _, left in corners} == set(range(SIDE))


@pytest.mark.parametrize("magnitude", [0, 30])
def test_the_bounds_of_the_magnitude_are_allowed(images: Tensor, magnitude: int) -> None:
    setting = RandAugment(name="randaugment", operations=1, magnitude=magnitude)
    assert planned(setting)(images, 0).shape == images.shape


@pytest.mark.parametrize("magnitude", [-1, 31])
def test_a_magnitude_out_of_bounds_is_refused(magnitude: int) -> None:
    setting = {"name": "randaugment", "operations": 1, "magnitude": magnitude}
    with pytest.raises(ValidationError, match="magnitude"):
        TypeAdapter(Augmentation).validate_python(setting)
