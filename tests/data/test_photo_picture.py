"""The picture of `docs/photos.md`: a motif in files of all kinds is read as it was drawn."""

from pathlib import Path

import numpy as np
import photo_picture
import pytest
from photo_motifs import SIZE, motif, refused
from photo_picture import Compared, compared, sheet
from PIL import Image
from shared_fixtures import ROOT

PICTURE = ROOT / "docs/photos.png"
MOST_BYTES = 200_000
LOSSY = 8
"""Levels by which a lossy file differs on average."""
GREY = ("grey", "one bit")
ODD = (
    *(f"JPEG, orientation {n}" for n in range(2, 9)),
    "PNG, orientation 6", "WebP, orientation 6", "PNG with alpha", "WebP with alpha",
    "TIFF with alpha", "PNG, grey with alpha", "PNG of a palette, a colour transparent",
    "PNG of a palette with alpha", "PNG, a colour transparent", "GIF, a colour transparent",
    "PNG, grey of 16 bits", "TIFF, grey of 16 bits",
)  # fmt: skip


@pytest.fixture(scope="module")
def found() -> dict[str, Compared]:
    return {one.kind: one for one in compared()}


def levels(image: Image.Image) -> np.ndarray:
    return np.asarray(image).astype(int)


def test_each_kind_is_read_as_the_motif_upright_and_on_white(found: dict[str, Compared]) -> None:
    read = {kind: one.read for kind, one in found.items() if one.read is not None}
    assert len(found) >= 54  # AVIF, where Pillow has it, is one more
    assert set(found) - set(read) == set(refused())
    for kind, image in read.items():
        drawn = motif().convert("L").convert("RGB") if any(x in kind for x in GREY) else motif()
        if "one bit" in kind:
            drawn = motif().convert("1", dither=Image.Dither.NONE).convert("RGB")
        assert image.size == SIZE, kind
        assert abs(levels(image) - levels(drawn)).mean() < LOSSY, kind


def test_what_a_loader_without_care_sees_otherwise_is_marked(found: dict[str, Compared]) -> None:
    """Pillow turns a TIFF by itself, and scales grey of 16 bits in some versions."""
    assert (
        {kind for kind in ODD if "16" not in kind}
        <= {kind for kind, one in found.items() if one.differs}
        <= {*ODD}
    )


def test_what_is_refused_has_its_reason_in_grey(found: dict[str, Compared]) -> None:
    for kind in refused():
        assert found[kind].read is None
        assert found[kind].reason
    colours = sheet([found["HEIC"]]).getcolors(1 << 16) or []
    assert max(colours)[1] != (255, 255, 255)
    grey = tuple(int(photo_picture.GREY[x : x + 2], 16) for x in (1, 3, 5))
    assert sum(count for count, colour in colours if colour == grey) > photo_picture.PANEL**2


def test_the_picture_of_the_docs_is_the_one_that_is_drawn_now(
    found: dict[str, Compared], tmp_path: Path
) -> None:
    """But for the fonts and the lossy files of another Pillow."""
    photo_picture.save(tmp_path / "photos.png")
    assert PICTURE.stat().st_size <= MOST_BYTES
    with Image.open(PICTURE) as there, Image.open(tmp_path / "photos.png") as now:
        if "AVIF" not in found:
            pytest.skip("this Pillow has no AVIF, and the picture has")
        assert there.size == now.size
        assert abs(levels(there.convert("RGB")) - levels(now.convert("RGB"))).mean() < 2


def test_the_page_shows_the_picture() -> None:
    assert "](photos.png)" in (ROOT / "docs/photos.md").read_text()
