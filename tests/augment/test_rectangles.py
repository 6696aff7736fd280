"""Resized crops and erased rectangles: drawn as torchvision draws them, and cut as it cuts them."""

import math

import pytest
import torch
import torchvision.transforms.v2.functional as F
from jaxtyping import UInt8
from scipy import stats
from torch import Tensor
from torchvision.transforms import v2

from cxv.augment import erasing, resized_crop
from cxv.augment.plan import Pass
from cxv.augment.rectangles import draw_offset
from cxv.config.augmentation import Erasing, ResizedCrop

pytestmark = pytest.mark.usefixtures("one_thread")

COUNT = 2000
CROP = ResizedCrop(name="resized_crop", scale=(0.3, 1.0))
ERASING = Erasing(name="erasing", probability=0.25)


def one_pass(side: int, images: int = COUNT) -> Pass:
    return Pass(images, side, torch.Generator().manual_seed(0), "cpu")


def noise(side: int, images: int = 300) -> UInt8[Tensor, "n 3 h w"]:
    """Images without black."""
    random = torch.Generator().manual_seed(0)
    return torch.randint(1, 256, (images, 3, side, side), generator=random, dtype=torch.uint8)


def numbers(drawn: resized_crop.Drawn | erasing.Drawn) -> list[tuple[int, int, int, int]]:
    """Return top, left, height and width of every image."""
    parts = (drawn.top, drawn.left, drawn.height, drawn.width)
    return list(zip(*(part.tolist() for part in parts), strict=True))


def of_torchvision(transform: v2.Transform, side: int) -> list[tuple[int, int, int, int]]:
    """Return the same as torchvision draws it."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        image = [torch.zeros(3, side, side)]
        found = [transform.make_params(image) for _ in range(COUNT)]
    if "top" in found[0]:
        return [(x["top"], x["left"], x["height"], x["width"]) for x in found]
    return [(x["i"], x["j"], x["h"], x["w"]) for x in found]


@pytest.mark.parametrize("side", [1, 2, 8, 32, 33])
def test_a_crop_is_torchvisions_within_rounding(side: int) -> None:
    """Ours rounds the exact number; theirs is in float32, or on uint8 in 16 bits: one level off.

    Of levels in float32 it is the same wherever the number is not half-way between two levels.
    """
    images = noise(side)
    drawn = resized_crop.draw(CROP, one_pass(side, len(images)))
    found = drawn(images, 0)
    assert found.dtype is torch.uint8
    for before, after, box in zip(images, found, numbers(drawn), strict=True):
        of_bytes = F.resized_crop(before, *box, size=[side, side])
        assert (of_bytes.int() - after.int()).abs().max() <= 1
        exact = F.resized_crop(before.double(), *box, size=[side, side], antialias=False)
        assert (exact - after).abs().max() <= 0.5 + 1e-9


def test_levels_half_way_are_rounded_up() -> None:
    """The middle column of three, of two levels: 1 and 2 leave 1.5."""
    drawn = resized_crop.Drawn(*(torch.tensor([x]) for x in (0, 0, 3, 2)))
    image = torch.tensor([1, 2, 9], dtype=torch.uint8).expand(1, 3, 3, 3).contiguous()
    assert drawn(image, 0)[0, 0].tolist() == [[1, 2, 2]] * 3


def test_the_largest_levels_of_the_largest_images_fit_into_their_integers() -> None:
    side = 512
    image = torch.full((1, 3, side, side), 255, dtype=torch.uint8)
    drawn = resized_crop.Drawn(*(torch.tensor([x]) for x in (5, 7, 300, 400)))
    assert torch.equal(drawn(image, 0), image)


def test_a_whole_image_stays_as_it_is() -> None:
    whole = ResizedCrop(name="resized_crop", scale=(1.0, 1.0), ratio=(1.0, 1.0))
    images = noise(16)
    assert torch.equal(resized_crop.draw(whole, one_pass(16, len(images)))(images, 0), images)


@pytest.mark.parametrize("scale", [(0.8, 1.0), (0.08, 1.0), (0.3, 0.3)])
def test_crops_are_drawn_as_torchvision_draws_them(scale: tuple[float, float]) -> None:
    setting = ResizedCrop(name="resized_crop", scale=scale)
    ours = numbers(resized_crop.draw(setting, one_pass(64)))
    theirs = of_torchvision(v2.RandomResizedCrop(64, scale=scale), 64)
    assert_alike(ours, theirs)
    areas = [height * width / 64**2 for _, _, height, width in ours]
    assert scale[0] - 0.02 < min(areas) <= max(areas) < scale[1] + 0.02
    inside = [top + height <= 64 and left + width <= 64 for top, left, height, width in ours]
    assert all(inside)


def assert_alike(
    ours: list[tuple[int, int, int, int]], theirs: list[tuple[int, int, int, int]]
) -> None:
    """Compare the distributions of places and sides, of areas and of ratios."""
    for mine, other in zip(zip(*ours, strict=True), zip(*theirs, strict=True), strict=True):
        assert stats.ks_2samp(mine, other).pvalue > 1e-3
    for measure in (lambda box: box[2] * box[3], lambda box: box[2] / max(box[3], 1)):
        assert stats.ks_2samp([*map(measure, ours)], [*map(measure, theirs)]).pvalue > 1e-3


@pytest.mark.parametrize("ratio", [(2.0, 3.0), (30.0, 60.0), (0.2, 0.5), (0.001, 0.002)])
def test_where_nothing_fits_the_largest_part_of_the_ratio_is_taken_from_the_middle(
    ratio: tuple[float, float],
) -> None:
    setting = ResizedCrop(name="resized_crop", scale=(1.0, 1.0), ratio=ratio)
    drawn = resized_crop.draw(setting, one_pass(33, 50))
    [box] = set(numbers(drawn))
    if ratio[1] * 33 > 1:
        assert box == of_torchvision(v2.RandomResizedCrop(33, (1.0, 1.0), ratio), 33)[0]
    assert drawn(noise(33, 50), 0).shape == (50, 3, 33, 33)


@pytest.mark.parametrize(("scale", "ratio"), [((0.02, 0.33), (0.3, 3.3)), ((0.1, 0.2), (0.2, 0.5))])
def test_rectangles_are_drawn_as_torchvision_draws_them(
    scale: tuple[float, float], ratio: tuple[float, float]
) -> None:
    setting = Erasing(name="erasing", probability=1 - 1e-9, scale=scale, ratio=ratio)
    ours = numbers(erasing.draw(setting, one_pass(64)))
    assert_alike(ours, of_torchvision(v2.RandomErasing(p=1, scale=scale, ratio=ratio), 64))


def test_every_offset_of_a_wide_space_is_drawn() -> None:
    """Single precision would leave out all but one of 2^16."""
    found = draw_offset(torch.full((100,), 2**40), torch.Generator().manual_seed(0))
    assert (found % 2**16).unique().numel() > 90


def test_a_rectangle_is_black_and_nothing_else_changes() -> None:
    images = noise(16)
    drawn = erasing.draw(ERASING, one_pass(16, len(images)))
    for before, after, box in zip(images, drawn(images, 0), numbers(drawn), strict=True):
        top, left, height, width = box
        expected = F.erase(before, top, left, height, width, torch.zeros(3, 1, 1).byte())
        assert torch.equal(after, expected)


@pytest.mark.parametrize("probability", [0.25, 0.5])
def test_images_are_erased_with_the_probability(probability: float) -> None:
    setting = Erasing(name="erasing", probability=probability)
    changed = (erasing.draw(setting, one_pass(32)).height > 0).double().mean().item()
    assert changed == pytest.approx(probability, abs=4 * math.sqrt(0.25 / COUNT))


def test_an_image_too_small_to_be_erased_stays_as_it_is() -> None:
    images = noise(1, 40)
    assert torch.equal(erasing.draw(ERASING, one_pass(1, 40))(images, 0), images)


def test_the_defaults_are_torchvisions() -> None:
    crop, box = ResizedCrop(name="resized_crop"), Erasing(name="erasing")
    theirs, other = v2.RandomResizedCrop(8), v2.RandomErasing()
    assert (crop.scale, crop.ratio) == (theirs.scale, theirs.ratio)
    assert (box.scale, box.ratio, box.probability) == (other.scale, other.ratio, other.p)


@pytest.mark.parametrize("kind", [ResizedCrop, Erasing])
@pytest.mark.parametrize("scale", [(0.5, 0.2), (0.0, 1.0), (0.5, 1.1)])
def test_areas_out_of_bounds_are_refused(
    kind: type[ResizedCrop | Erasing], scale: tuple[float, float]
) -> None:
    name = "erasing" if kind is Erasing else "resized_crop"
    with pytest.raises(ValueError, match="scale"):
        kind.model_validate({"name": name, "scale": scale})
