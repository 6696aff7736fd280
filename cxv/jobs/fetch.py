"""Make the tensors and the manifest of a dataset."""

import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from cxv.config.spec import Dataset
from cxv.records.code_hash import fingerprint
from cxv.records.job_log import begin

READERS: Mapping[str, str] = MappingProxyType(
    {
        "digits": "cxv.data.readers:digits",
        "cifar10": "cxv.data.readers:cifar",
        "cifar100": "cxv.data.readers:cifar",
        "tiny_imagenet": "cxv.data.readers:tiny_imagenet",
        "image_folder": "cxv.data.photos:image_folder",
    }
)


def code(dataset: Dataset) -> str:
    """Return the fingerprint of all code that decides the bytes of a dataset's tensors."""
    common = ("cxv.data.sources:select", "cxv.data.sources:save")
    return fingerprint(READERS[dataset.source], *common)


def fetch(
    spec: str, images: Path, manifest: Path, downloads: Path = Path("data/downloads")
) -> None:
    """Make the tensors and the manifest of a dataset."""
    from cxv.data import sources

    dataset = Dataset.model_validate_json(spec)
    begin(dataset.name)
    mirror = os.environ.get("CXV_MIRROR")
    sources.fetch(
        dataset,
        images=images,
        manifest=manifest,
        downloads=downloads,
        mirror=Path(mirror) if mirror else None,
    )
