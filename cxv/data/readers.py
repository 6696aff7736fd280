"""One function per source of images: official files in official order, grey turned to RGB."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from einops import repeat
from sklearn.datasets import load_digits
from torchvision.datasets import CIFAR10

from cxv.data.archives import DataError, content_md5, members
from cxv.data.decode import cifar_classes, cifar_split, md5_of_all, stack
from cxv.data.downloads import Archive
from cxv.data.manifest import Origin, Photos
from cxv.data.tensors import Images, Split

DIGITS_TEST_IMAGES = 360
TINY_IMAGES = (100_000, 10_000)  # train, val
TINY_TRAIN = re.compile(r"tiny-imagenet-200/train/(n\d+)/images/n\d+_(\d+)\.JPEG")
TINY_TEXTS = ("wnids.txt", "words.txt", "val/val_annotations.txt")


@dataclass(frozen=True, slots=True)
class Source:
    """A dataset in memory."""

    images: Images
    classes: tuple[str, ...]
    origin: Origin
    photos: Photos | None = None  # None: they are not own ones


def digits() -> Source:
    """1,797 scans of 8x8 pixels in the order of their file; the last 360 test."""
    bunch = load_digits()
    grey = ((bunch.images.astype(np.int64) * 255 + 8) // 16).astype(np.uint8)  # from 0..16
    whole = Split(
        torch.from_numpy(repeat(grey, "n h w -> n 3 h w").copy()),
        torch.from_numpy(bunch.target.astype(np.int64)),
    )
    train, test = torch.arange(len(whole)).tensor_split([len(whole) - DIGITS_TEST_IMAGES])
    return Source(
        Images(whole.take(train), whole.take(test)),
        tuple(str(name) for name in bunch.target_names),
        Origin(
            archive="sklearn.datasets.load_digits",
            urls=("https://archive.ics.uci.edu/dataset/80",),
            license="CC BY 4.0 (Alpaydin and Kaynak, UCI), by way of scikit-learn",
            official=True,
            differing=(),
            md5={"images": md5_of_all([grey.tobytes()])},
        ),
    )


def cifar(kind: type[CIFAR10], archive: Archive, path: Path) -> Source:
    """CIFAR-10 or -100; ``kind`` knows the names and official MD5s of the files inside."""
    files = dict(members(path))
    listed = (*kind.train_list, *kind.test_list, (kind.meta["filename"], kind.meta["md5"]))
    official = {f"{kind.base_folder}/{name}": md5 for name, md5 in listed}
    md5 = {name: md5_of_all([_member(path, files, name)]) for name in official}
    differing = tuple(name for name in official if md5[name] != official[name])
    if differing and archive.is_whole(path):
        raise DataError(
            f"{path}/{differing[0]}: altered archive: MD5 {md5[differing[0]]}, official"
            f" {official[differing[0]]}; call a part of the images {archive.stem}-sub"
        )
    *batches, meta = official
    classes = cifar_classes(files[meta], f"{path}/{meta}", kind.meta["key"])
    splits = [cifar_split(files[name], f"{path}/{name}", len(classes)) for name in batches]
    count = len(kind.train_list)
    return Source(
        Images(_joined(splits[:count]), _joined(splits[count:])),
        classes,
        Origin(
            archive=path.name,
            urls=archive.urls,
            license="none stated; cite Krizhevsky, Learning Multiple Layers of Features, 2009",
            official=not differing,
            differing=differing,
            md5=md5,
        ),
    )


def tiny_imagenet(archive: Archive, path: Path) -> Source:
    """Tiny ImageNet: ``train`` trains and ``val`` tests, for ``test`` has no labels."""
    files = dict(members(path))
    read = partial(_member, path, files)
    wnids, words, notes = (read(f"tiny-imagenet-200/{name}").decode() for name in TINY_TEXTS)
    label = {wnid: index for index, wnid in enumerate(sorted(wnids.split()))}
    synonyms = dict(line.split("\t", 1) for line in words.splitlines() if "\t" in line)
    train, val = _tiny_train(path, files, label), list(_tiny_val(path, notes, label))
    if archive.is_whole(path) and (len(train), len(val)) != TINY_IMAGES:
        raise DataError(
            f"{path}: altered archive: {len(train)} train and {len(val)} val images, officially"
            f" {' and '.join(map(str, TINY_IMAGES))}; call a part {archive.stem}-sub"
        )
    official = content_md5(path) == archive.md5
    return Source(
        Images(stack(path, train, read), stack(path, val, read)),
        tuple(f"{wnid} {synonyms.get(wnid, '').split(',')[0]}".strip() for wnid in label),
        Origin(
            archive=path.name,
            urls=archive.urls,
            license="none stated; images of ImageNet, for non-commercial research",
            official=official,
            differing=() if official else (path.name,),
            md5={
                "train/*.JPEG": md5_of_all(read(name) for name, _ in train),
                "val/*.JPEG": md5_of_all(read(name) for name, _ in val),
                **{name: md5_of_all([read(f"tiny-imagenet-200/{name}")]) for name in TINY_TEXTS},
            },
        ),
    )


def _member(path: Path, files: Mapping[str, bytes], name: str) -> bytes:
    if name not in files:
        raise DataError(f"{path}: has no {name}")
    return files[name]


def _joined(splits: Sequence[Split]) -> Split:
    return Split(
        torch.cat([split.images for split in splits]), torch.cat([split.labels for split in splits])
    )


def _tiny_train(
    path: Path, files: Mapping[str, bytes], label: Mapping[str, int]
) -> list[tuple[str, int]]:
    found = [match for match in map(TINY_TRAIN.fullmatch, files) if match]
    for match in found:
        if match[1] not in label:
            raise DataError(f"{path}/{match[0]}: its class is not in wnids.txt")
    ordered = sorted(found, key=lambda match: (label[match[1]], int(match[2])))
    return [(match[0], label[match[1]]) for match in ordered]


def _tiny_val(path: Path, notes: str, label: Mapping[str, int]) -> Iterator[tuple[str, int]]:
    for line in notes.splitlines():
        file, wnid, *_ = *line.split("\t"), ""
        if wnid not in label:
            raise DataError(f"{path}/val_annotations.txt: {line!r}: its class is not in wnids.txt")
        yield f"tiny-imagenet-200/val/images/{file}", label[wnid]
