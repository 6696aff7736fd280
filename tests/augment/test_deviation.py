"""RandAugment's magnitudes: one for all, or one for each operation on each image."""

import math

import pytest
import torch
from torch import Tensor

from cxv.augment import randaugment
from cxv.augment.plan import Pass
from cxv.config.augmentation import RandAugment

pytestmark = pytest.mark.usefixtures("one_thread")

COUNT, SIDE = 512, 16
RANDAUGMENT = RandAugment(name="randaugment", operations=2, magnitude=9)
SPREAD = RandAugment(name="randaugment", operations=2, magnitude=9, deviation=3.0)


@pytest.fixture
def images() -> Tensor:
    return torch.randint(256, (COUNT, 3, SIDE, SIDE), generator=fresh(), dtype=torch.uint8)


def fresh() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def one_pass() -> Pass:
    return Pass(COUNT, SIDE, fresh(), "cpu")


def test_without_a_deviation_the_draws_and_images_are_those_of_the_magnitude_alone() -> None:
    """Numbers of the time when there was no deviation: nothing more is drawn."""
    epoch = one_pass()
    drawn = randaugment.draw(RANDAUGMENT, epoch)
    generator = fresh()
    number = torch.randint(14, (2, COUNT), generator=generator)
    negative = torch.randint(2, (2, COUNT), generator=generator, dtype=torch.bool)
    signed = torch.tensor(randaugment.SIGNED)[number]
    assert torch.equal(drawn.numbers, number + 14 * (negative & signed))
    assert len(drawn.operations) == 28
    assert torch.equal(epoch.generator.get_state(), generator.get_state())
    assert "deviation" not in RANDAUGMENT.model_dump()


def test_with_a_deviation_each_image_gets_the_operations_of_its_magnitude(images: Tensor) -> None:
    drawn = randaugment.draw(SPREAD, one_pass())
    plain = randaugment.draw(RANDAUGMENT, one_pass())
    assert torch.equal(drawn.numbers % 28, plain.numbers)  # operations and signs are drawn first
    which = drawn.numbers // 28
    levels = sorted(set(magnitudes_of(SPREAD, COUNT).flatten().tolist()))
    assert len(levels) > 10
    variants = {
        (place, sign): list(randaugment.operations(x, SIDE, sign=sign, device="cpu").values())
        for place, x in enumerate(levels)
        for sign in (1, -1)
    }
    expected = []
    for image, numbers, places in zip(images, plain.numbers.T, which.T, strict=True):
        changed = image[None]
        for number, place in zip(numbers.tolist(), places.tolist(), strict=True):
            changed = variants[place, 1 if number < 14 else -1][number % 14](changed)
        expected.append(changed)
    assert torch.equal(drawn(images, 0), torch.cat(expected))


def magnitudes_of(setting: RandAugment, count: int) -> Tensor:
    """Return the magnitude of each operation on each image."""
    different, which = randaugment._magnitudes(setting, (2, count), after_signs(count))
    return torch.tensor(different)[which]


def after_signs(count: int) -> torch.Generator:
    """Return the generator as it is when operations and signs of ``one_pass`` are drawn."""
    generator = fresh()
    torch.randint(14, (2, count), generator=generator)
    torch.randint(2, (2, count), generator=generator, dtype=torch.bool)
    return generator


@pytest.mark.parametrize("deviation", [0.5, 3.0])
def test_magnitudes_are_of_the_normal_distribution(deviation: float) -> None:
    setting = RandAugment(name="randaugment", operations=2, magnitude=9, deviation=deviation)
    found = magnitudes_of(setting, 20_000)
    for level in range(7, 12):
        bounds = ((level + x - 9) / deviation for x in (-0.5, 0.5))
        low, high = (math.erf(x / math.sqrt(2)) / 2 for x in bounds)
        share = (found == level).double().mean().item()
        assert share == pytest.approx(high - low, abs=0.01)  # 4 standard deviations
    one, two = found.double() - 9  # one operation says nothing of the next
    assert abs((one * two).mean().item()) < 0.05 * deviation**2


def test_magnitudes_are_cut_off_at_their_bounds() -> None:
    setting = RandAugment(name="randaugment", operations=2, magnitude=15, deviation=1e9)
    assert set(magnitudes_of(setting, 100).flatten().tolist()) == {0, 30}
