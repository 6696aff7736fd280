"""SVG for a page is shorter than matplotlib writes it, and shows the same; PNG is sharp."""

import re
from io import BytesIO
from itertools import pairwise

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from cxv.report.figures.drawing import house_style, picture, png, standalone

WORDS = ("0.015", "1.234 %", "12.3456", "d=0.123")


@pytest.fixture(scope="module")
def svg() -> str:
    """A line, words with many digits, clipped marks, and an image of few pixels."""
    with house_style():
        figure = Figure(figsize=(3, 2))
        axes = figure.subplots()
        axes.plot([0, 0.111, 0.2222], [0, 0.3333, 0.1], "o-", alpha=0.125)
        axes.imshow(np.eye(3), interpolation="none", extent=(0, 0.2, 0, 0.3), aspect="auto")
        for index, word in enumerate(WORDS):
            axes.text(0.1, 0.05 * index, word)
        return picture(figure, "drawn", "Made up").svg


def test_words_of_a_figure_keep_their_digits(svg: str) -> None:
    assert set(WORDS) <= set(re.findall(r"<text[^>]*>([^<]*)</text>", svg))


def test_places_have_a_tenth_of_a_point(svg: str) -> None:
    paths = re.findall(r' d="([^"]*)"', svg)
    assert len(paths) > 5
    assert max(len(number) for path in paths for number in re.findall(r"\.(\d+)", path)) == 1


def test_sizes_scales_and_opacities_stay_as_they_are(svg: str) -> None:
    assert "opacity: 0.125" in svg
    [scale] = re.findall(r'<image[^>]* transform="([^"]*)"', svg)
    assert any(len(number) > 1 for number in re.findall(r"\.(\d+)", scale))


def test_every_reference_within_a_figure_has_its_target_and_no_other_id_is_left(svg: str) -> None:
    ids = re.findall(r' id="([^"]*)"', svg)
    used = set(re.findall(r'(?:url\(|href=")#([^)"]+)', svg))
    assert used == set(ids)
    assert all(name.startswith("drawn-") for name in ids)
    assert all(left != right for left, right in pairwise(sorted(ids)))


def test_a_file_of_its_own_asks_for_no_colour_of_a_page(svg: str) -> None:
    assert "var(" in svg
    assert "var(" not in standalone(svg)


def test_a_png_has_two_hundred_pixels_an_inch_on_white() -> None:
    data = png(Figure(figsize=(1.5, 0.5)))
    with Image.open(BytesIO(data)) as image:
        assert image.size == (300, 100)
        assert image.convert("RGB").getcolors() == [(300 * 100, (255, 255, 255))]
        assert "Software" not in image.info
