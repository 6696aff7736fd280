"""What tests of several sources share: to fetch, to be refused, to make an image."""

import io
from pathlib import Path

import pytest
from PIL import Image

from cxv.config.spec import Dataset
from cxv.data.archives import DataError
from cxv.data.sources import fetch


def fetched(folder: Path, dataset: Dataset, mirror: Path | None = None) -> tuple[Path, Path]:
    images, manifest = folder / "images.pt", folder / "manifest.json"
    fetch(dataset, images=images, manifest=manifest, downloads=folder / "archives", mirror=mirror)
    return images, manifest


def refusal(folder: Path, dataset: Dataset, mirror: Path | None = None) -> str:
    """Return why a dataset cannot be fetched, having made sure that nothing was left behind."""
    out = folder / "out"
    with pytest.raises(DataError) as caught:
        fetched(out, dataset, mirror)
    assert not out.exists()
    return str(caught.value)


def encoded(level: int, mode: str = "RGB", size: tuple[int, int] = (8, 8)) -> bytes:
    buffer = io.BytesIO()
    color = (level,) * 3 if mode == "RGB" else level
    Image.new(mode, size, color).save(buffer, "PNG")
    return buffer.getvalue()
