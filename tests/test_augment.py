"""RandAugment on a batch does to each image what torchvision's does to one, and draws fairly."""

import pytest
import torch
from einops import rearrange
from jaxtyping import UInt8
from sklearn.datasets import load_sample_image
from torch import Tensor
from torchvision.transforms import InterpolationMode, RandAugment
from torchvision.transforms.autoaugment import _apply_op

from cxv.data.augment import OPERATIONS, rand_augment

SIDE = 32  # pixels
TORCHVISION = dict(
    zip(
        OPERATIONS,
        (
            "Identity", "ShearX", "ShearY", "TranslateX", "TranslateY", "Rotate", "Brightness",
            "Color", "Contrast", "Sharpness", "Posterize", "Solarize", "AutoContrast", "Equalize",
        ),
        strict=True,
    )
)  # fmt: skip


@pytest.fixture(scope="module")
def photos() -> UInt8[Tensor, "n 3 h w"]:
    """130 windows of a photograph; unlike noise they have edges, skies and colours."""
    photo = torch.from_numpy(load_sample_image("flower.jpg").copy())
    window = photo[: 10 * SIDE, : 13 * SIDE]
    return rearrange(window, "(y h) (x w) c -> (y x) c h w", h=SIDE, w=SIDE).contiguous()


def strength_in_torchvision(name: str, magnitude: int) -> tuple[float, bool]:
    strengths, signed = RandAugment()._augmentation_space(31, (SIDE, SIDE))[TORCHVISION[name]]
    return float(strengths[magnitude]) if strengths.ndim else 0.0, signed


def one_by_one(images: Tensor, name: str, strength: float) -> Tensor:
    nearest = InterpolationMode.NEAREST
    return torch.stack(
        [_apply_op(image, TORCHVISION[name], strength, nearest, None) for image in images]
    )


@pytest.mark.parametrize("magnitude", range(0, 31, 3))
@pytest.mark.parametrize("name", OPERATIONS)
def test_strengths_are_torchvisions(name: str, magnitude: int) -> None:
    strength, signed = strength_in_torchvision(name, magnitude)
    assert OPERATIONS[name].signed == signed
    found = OPERATIONS[name].strength(magnitude, SIDE)
    assert (round(found) if name == "posterize" else found) == pytest.approx(strength, abs=1e-6)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("magnitude", [1, 9, 30])
@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_on_a_batch_is_torchvisions_on_each_image(
    photos: Tensor, name: str, magnitude: int, sign: int
) -> None:
    photos = photos[::4]
    sign = sign if OPERATIONS[name].signed else 1
    ours = OPERATIONS[name].apply(photos, sign * OPERATIONS[name].strength(magnitude, SIDE))
    strength, _ = strength_in_torchvision(name, magnitude)
    theirs = one_by_one(photos, name, sign * strength)
    assert (ours.int() - theirs.int()).abs().max() <= 1  # of 255 levels: v2 rounds, v1 cuts off


def test_each_image_gets_the_operations_drawn_for_it(photos: Tensor) -> None:
    generator = torch.Generator().manual_seed(0)
    expected = photos
    for _ in range(2):
        drawn = torch.randint(14, (len(photos),), generator=generator)
        negative = torch.randint(2, (len(photos),), generator=generator)
        images = []
        for image, number, minus in zip(expected, drawn, negative, strict=True):
            operation = list(OPERATIONS.values())[number]
            sign = -1 if minus and operation.signed else 1
            images.append(operation.apply(image[None], sign * operation.strength(9, SIDE))[0])
        expected = torch.stack(images)
    assert set(drawn.tolist()) == set(range(14))
    generator = torch.Generator().manual_seed(0)
    found = rand_augment(photos, operations=2, magnitude=9, generator=generator)
    assert torch.equal(found, expected)


def test_the_images_given_are_left_as_they_are(photos: Tensor) -> None:
    before = photos.clone()
    after = rand_augment(photos, operations=2, magnitude=9, generator=torch.Generator())
    assert torch.equal(photos, before)
    assert not torch.equal(after, before)


def test_the_generator_alone_decides(photos: Tensor) -> None:
    found = [
        rand_augment(
            photos, operations=2, magnitude=9, generator=torch.Generator().manual_seed(seed)
        )
        for seed in (1, 1, 2)
    ]
    assert torch.equal(found[0], found[1])
    assert not torch.equal(found[0], found[2])


@pytest.mark.parametrize("magnitude", [-1, 31])
def test_a_magnitude_out_of_range_is_refused(photos: Tensor, magnitude: int) -> None:
    with pytest.raises(ValueError, match=f"magnitude {magnitude} is not in 0..30"):
        rand_augment(photos, operations=1, magnitude=magnitude, generator=torch.Generator())
