"""Every operation of RandAugment is torchvision's on PIL images, pixel for pixel.

No level may differ, under the versions of Pillow and torchvision that requirements.lock names.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from einops import rearrange
from jaxtyping import UInt8
from PIL import Image
from sklearn.datasets import load_sample_image
from torch import Tensor
from torchvision.transforms import InterpolationMode, RandAugment
from torchvision.transforms.autoaugment import _apply_op

from cxv.augment.randaugment import BINS, SIGNED, operations
from cxv.config.spec import Dataset, PerClass
from cxv.data.sources import read

pytestmark = pytest.mark.usefixtures("one_thread")

OPERATIONS = tuple(RandAugment()._augmentation_space(BINS, (32, 32)))


@pytest.fixture(scope="module")
def cifar10(mirror: Path, tmp_path_factory: pytest.TempPathFactory) -> UInt8[Tensor, "n 3 h w"]:
    """200 training images, 20 of each class, from the smallest archive that is there."""
    folder = tmp_path_factory.mktemp("smallest")
    smallest = min(mirror.glob("cifar-10-python*"), key=lambda path: path.stat().st_size)
    (folder / smallest.name).symlink_to(smallest)
    dataset = Dataset(name="cifar10", source="cifar10", per_class=PerClass(train=20, test=1))
    return read(dataset, mirror=folder, downloads=folder).images.train.images


def photos(side: int) -> UInt8[Tensor, "n 3 h w"]:
    """25 windows of a photograph; unlike noise they have edges, skies and colours."""
    photo = torch.from_numpy(load_sample_image("flower.jpg").copy())
    window = photo[: 5 * side, : 5 * side]
    return rearrange(window, "(y h) (x w) c -> (y x) c h w", h=side, w=side).contiguous()


def hard_cases() -> UInt8[Tensor, "n 3 h w"]:
    """Images of one level, of two, of all, of a few; the channels of each are different images."""
    generator = torch.Generator().manual_seed(0)
    channels = [
        *(torch.full((256,), level) for level in (0, 1, 127, 254, 255)),
        *(torch.where(torch.arange(256) < count, 3, 200) for count in (1, 2, 128, 254, 255)),
        torch.arange(256),
        torch.arange(256).flip(0) // 2,
        *(torch.randint(most, (256,), generator=generator) for most in (2, 4, 16, 256)),
    ]
    square = torch.stack(channels).to(torch.uint8).view(-1, 16, 16)
    return torch.stack([square, square.roll(1, 0), square.roll(2, 0)], dim=1)


def every_range() -> UInt8[Tensor, "n 3 h w"]:
    """Images whose channels are gradients between 3 of all pairs of levels, one pair in 5."""
    low, high = torch.triu_indices(256, 256, 1)[:, ::5]
    levels = torch.arange(256).clamp(low[:, None], high[:, None]).to(torch.uint8)
    return rearrange(levels[: len(levels) // 3 * 3], "(b c) (h w) -> b c h w", c=3, h=16)


def in_pillow(images: Tensor) -> list[Image.Image]:
    return [Image.fromarray(image) for image in rearrange(images, "b c h w -> b h w c").numpy()]


def torchvisions(images: Sequence[Image.Image], name: str, magnitude: int, sign: int) -> Tensor:
    space = RandAugment()._augmentation_space(BINS, images[0].size[::-1])
    strengths, signed = space[name]
    strength = float(strengths[magnitude]) if strengths.ndim else 0.0
    strength *= sign if signed else 1
    nearest = InterpolationMode.NEAREST
    changed = [np.asarray(_apply_op(x, name, strength, nearest, None)) for x in images]
    return rearrange(torch.from_numpy(np.stack(changed)), "b h w c -> b c h w")


def assert_same(images: Tensor, name: str, magnitudes: Sequence[int]) -> None:
    theirs = in_pillow(images)
    for magnitude in magnitudes:
        for sign in (1, -1) if SIGNED[OPERATIONS.index(name)] else (1,):
            ours = operations(magnitude, images.shape[-1], sign=sign, device="cpu")[name](images)
            expected = torchvisions(theirs, name, magnitude, sign)
            differing = (ours != expected).sum().item()
            assert differing == 0, f"magnitude {sign * magnitude}: {differing} levels differ"


def magnitudes(name: str, several: Sequence[int]) -> Sequence[int]:
    """Return one for an operation that has no strength."""
    return [0] if name in {"Identity", "AutoContrast", "Equalize"} else several


@pytest.mark.slow
@pytest.mark.parametrize("name", OPERATIONS)
def test_real_images_at_every_magnitude(cifar10: Tensor, name: str) -> None:
    assert_same(cifar10, name, magnitudes(name, range(BINS)))


@pytest.mark.parametrize("side", [1, 2, 32, 33, 64])
@pytest.mark.parametrize("name", OPERATIONS)
def test_images_of_any_size(name: str, side: int) -> None:
    assert_same(photos(side), name, magnitudes(name, [0, 1, 3, 9, 17, 30]))


@pytest.mark.parametrize("name", OPERATIONS)
def test_images_of_few_levels(name: str) -> None:
    assert_same(hard_cases(), name, magnitudes(name, range(0, BINS, 5)))


def test_contrast_is_stretched_from_every_range() -> None:
    assert_same(every_range(), "AutoContrast", [0])


def test_names_order_and_signs_are_torchvisions() -> None:
    space = RandAugment()._augmentation_space(BINS, (32, 32))
    assert tuple(operations(9, 32, sign=1, device="cpu")) == tuple(space)
    assert tuple(signed for _, signed in space.values()) == SIGNED
