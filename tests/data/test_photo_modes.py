"""A photo of each kind is read as a viewer shows it, or refused by what it is."""

import numpy as np
import pytest
from odd_photos import (
    LEVELS_16,
    frames,
    huge,
    palette,
    pixels,
    plain,
    saved,
    turned,
    with_small_copy,
)
from photo_kinds import page
from PIL import Image
from shared_fixtures import ROOT

from cxv.data.archives import DataError
from cxv.data.photo_pixels import read_photo

AS_TURNED = {
    1: [[10, 20, 30], [40, 50, 60]],
    2: [[30, 20, 10], [60, 50, 40]],
    3: [[60, 50, 40], [30, 20, 10]],
    4: [[40, 50, 60], [10, 20, 30]],
    5: [[10, 40], [20, 50], [30, 60]],
    6: [[40, 10], [50, 20], [60, 30]],
    7: [[60, 30], [50, 20], [40, 10]],
    8: [[30, 60], [20, 50], [10, 40]],
}
"""By EXIF's orientation: where the first row and the first column of the file are shown."""


def shown(content: bytes, **how: object) -> list[list[list[int]]]:
    """Return the colours of a photo, row by row."""
    image, _ = read_photo(content, **how)  # type: ignore[arg-type]
    rows: list[list[list[int]]] = image.transpose(1, 2, 0).tolist()
    return rows


def grey(levels: list[list[int]]) -> list[list[list[int]]]:
    return [[[level] * 3 for level in row] for row in levels]


@pytest.mark.parametrize("orientation", AS_TURNED)
def test_a_photo_is_upright(orientation: int) -> None:
    assert shown(turned(orientation, "PNG")) == grey(AS_TURNED[orientation])


@pytest.mark.parametrize(
    ("form", "how"), [("TIFF", {}), ("WEBP", {"lossless": True}), ("JPEG", {"quality": 100})]
)
def test_a_photo_is_upright_in_each_format(form: str, how: dict[str, int]) -> None:
    """Pillow turns a TIFF by itself; it must not be turned twice."""
    assert shown(turned(6, form, **how)) == grey(AS_TURNED[6])


WHITE, HALF = [255] * 3, [127] * 3  # of black at alpha 128: 255 * 127 / 255
RGBA = pixels([[[0, 0, 0, 0], [0, 0, 0, 128], [200, 100, 0, 255]]], "RGBA")
LA = pixels([[[0, 0], [0, 128], [50, 255]]], "LA")
FIRST, SECOND, THIRD = [0, 0, 0], [10, 20, 30], [200, 100, 50]  # of the palette


@pytest.mark.parametrize(
    ("content", "row"),
    [
        pytest.param(saved(RGBA, "PNG"), [WHITE, HALF, [200, 100, 0]], id="RGBA"),
        pytest.param(
            saved(RGBA, "WEBP", lossless=True, exact=True), [WHITE, HALF, [200, 100, 0]], id="WebP"
        ),
        pytest.param(saved(LA, "PNG"), [WHITE, HALF, [50] * 3], id="LA"),
        pytest.param(saved(palette(), "PNG"), [FIRST, SECOND, THIRD], id="opaque palette"),
        pytest.param(
            saved(palette(), "PNG", transparency=1), [FIRST, WHITE, THIRD], id="palette, one colour"
        ),
        pytest.param(
            saved(palette(), "PNG", transparency=bytes([128, 255, 0])),
            [HALF, SECOND, WHITE],
            id="palette, levels",
        ),
        pytest.param(saved(palette(), "GIF", transparency=1), [FIRST, WHITE, THIRD], id="GIF"),
        pytest.param(
            saved(pixels([[[1, 2, 3], [4, 5, 6]]]), "PNG", transparency=(1, 2, 3)),
            [WHITE, [4, 5, 6]],
            id="RGB with a transparent colour",
        ),
    ],
)
def test_what_is_transparent_shows_white(content: bytes, row: list[list[int]]) -> None:
    assert shown(content) == [row]


GREY_8 = [[0, 1, 128, 255, 200, 201]]  # 32768 / 257 is 127.502


@pytest.mark.parametrize("form", ["PNG", "TIFF"])
def test_grey_of_16_bits_is_scaled_and_not_clipped(form: str) -> None:
    assert shown(saved(Image.fromarray(LEVELS_16), form)) == grey(GREY_8)


def test_grey_of_16_bits_with_a_transparent_level() -> None:
    content = saved(Image.fromarray(LEVELS_16), "PNG", transparency=257)
    assert shown(content) == grey([[0, 255, *GREY_8[0][2:]]])


def test_a_portable_greymap_is_scaled_by_its_own_maximum() -> None:
    assert shown(b"P5 2 1 65535\n" + bytes([0, 0, 128, 0])) == grey([[0, 128]])
    assert shown(b"P5 2 1 1023\n" + bytes([3, 255, 1, 0])) == grey([[255, 64]])  # 256 / 1023 * 255


@pytest.mark.parametrize("form", ["TIFF", "JPEG"])
def test_print_colours_are_shown_in_rgb(form: str) -> None:
    cyan = Image.new("CMYK", (8, 8), (255, 0, 0, 0))
    how = {"quality": 100} if form == "JPEG" else {}
    assert shown(saved(cyan, form, **how)) == [[[0, 255, 255]] * 8] * 8


def test_black_and_white_of_one_bit() -> None:
    image = Image.fromarray(np.array([[False, True]]))
    assert shown(saved(image, "PNG")) == grey([[0, 255]])


@pytest.mark.parametrize("form", ["GIF", "PNG", "WEBP"])
def test_of_an_animation_the_first_frame_is_read_and_told(form: str) -> None:
    image, count = read_photo(frames(form))
    assert (image[:, 0, 0].tolist(), count) == ([255, 0, 0], 2)


def test_of_a_phones_photo_with_further_frames_the_first_is_read() -> None:
    image, count = read_photo(frames("MPO"))
    assert abs(image[:, 0, 0].astype(int) - [255, 0, 0]).max() <= 2  # JPEG loses a little
    assert count == 2


def test_a_page_that_is_a_smaller_copy_is_no_photo_of_its_own() -> None:
    image, count = read_photo(with_small_copy())
    assert (image.shape, image[:, 0, 0].tolist(), count) == ((3, 8, 8), [255, 0, 0], 1)


BLACK_LAST = saved(Image.fromarray(LEVELS_16), "TIFF", tiffinfo={262: 0})
FLOAT, SIGNED = (Image.new(mode, (2, 2)) for mode in ("F", "I"))
NOISE = saved(Image.frombytes("L", (64, 64), bytes(range(256)) * 16), "JPEG")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(frames("TIFF"), "2 pages; save each page as a file", id="pages"),
        pytest.param(saved(FLOAT, "TIFF"), "mode F is not read; save it with 8 or 16", id="F"),
        pytest.param(saved(Image.new("LAB", (2, 2)), "TIFF"), "mode LAB is not read", id="LAB"),
        pytest.param(
            saved(SIGNED, "TIFF"), "a TIFF of 32 bits a pixel, 0 is black; of more", id="32 bits"
        ),
        pytest.param(BLACK_LAST, "of 16 bits a pixel, 0 is white; of more", id="white is 0"),
        pytest.param(b"some words", "unreadable image: of no known format", id="text"),
        pytest.param(
            b"\0\0\0\x18ftypheic\0\0\0\0mif1", "HEIC; convert it to JPEG or PNG", id="HEIC"
        ),
        pytest.param(
            b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "of no known format", id="EPS"
        ),
        pytest.param(NOISE[:-300], "unreadable image: image file is truncated", id="truncated"),
        pytest.param(plain(1)[:45], "unreadable image: ", id="a head alone"),
        pytest.param(huge(), "too many pixels: Image size (2500000000 pixels)", id="bomb"),
    ],
)
def test_what_cannot_be_shown_is_refused_by_what_it_is(content: bytes, said: str) -> None:
    with pytest.raises(DataError) as caught:
        read_photo(content)
    assert said in str(caught.value)


WIDE = saved(pixels([[0] * 4 + [100] * 4 + [200] * 4] * 4), "PNG")


def test_a_wide_photo_is_squashed() -> None:
    """Of twelve columns to four: the second is at 4.5, and weighs 2.5 to 6.5 by 1, 2, 3, 2, 1.

    Two of these columns are 0, three are 100: 100 * 6 / 9.
    """
    assert shown(WIDE, side=4) == grey([[0, 67, 133, 200]] * 4)


def test_of_a_wide_photo_the_middle_is_cut_out() -> None:
    assert shown(WIDE, side=4, resize="crop") == grey([[100] * 4] * 4)


def test_a_wide_photo_is_padded_with_white_above_and_below() -> None:
    rows = shown(WIDE, side=12, resize="pad")
    assert rows == grey([[255] * 12] * 4 + [[0] * 4 + [100] * 4 + [200] * 4] * 4 + [[255] * 12] * 4)


def test_the_page_on_kinds_of_files_says_what_happens_now() -> None:
    assert (ROOT / "docs/photos.md").read_text() == page()
