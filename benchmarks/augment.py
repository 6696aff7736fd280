"""Our batches against a ``DataLoader`` of PIL images: ``python -m benchmarks.augment``.

CIFAR-10's images in batches of 32, shuffled, augmented, in floats and normalised, on two cores.
Theirs: two worker processes that live on, torchvision's RandAugment, ToTensor and Normalize. The
archive comes from the folder that CXV_MIRROR names, or is fetched. Takes three minutes on
an idle machine; where others compute, two threads of ours wait for each other at every operation.
"""

import os
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

from benchmarks.pairs import Step, alternated, spread
from cxv.augment.plan import Augment
from cxv.config import spec
from cxv.config.augmentation import Augmentation, RandAugment
from cxv.data.sources import read
from cxv.data.tensors import Split, batches, normalise

BATCH = 32
MEAN, STD = torch.tensor([0.4914, 0.4822, 0.4465]), torch.tensor([0.2470, 0.2435, 0.2616])
IMAGES = 5_000  # of a pass
SECONDS = 20  # a row, at least


def randaugment(operations: int, magnitude: int) -> RandAugment:
    """Return the setting."""
    return RandAugment(name="randaugment", operations=operations, magnitude=magnitude)


ROWS: dict[str, tuple[RandAugment, ...]] = {
    "plain": (),
    "1 at magnitude 1": (randaugment(1, 1),),
    "3 at magnitude 3": (randaugment(3, 3),),
}


def cifar10() -> Split:
    """Return the first ``IMAGES`` training images of CIFAR-10, as many of each class."""
    count = spec.PerClass(train=IMAGES // 10, test=1)
    mirror = os.environ.get("CXV_MIRROR")
    with tempfile.TemporaryDirectory() as folder:
        return read(
            spec.Dataset(name="cifar10", source="cifar10", per_class=count),
            mirror=Path(mirror) if mirror else None,
            downloads=Path(folder),
        ).images.train


class Pillow(Dataset[tuple[Tensor, int]]):
    """The images as torchvision's datasets have them."""

    def __init__(self, split: Split, augment: Sequence[RandAugment]) -> None:
        self.images = [
            Image.fromarray(image.numpy())
            for image in split.images.permute(0, 2, 3, 1).contiguous()
        ]
        self.labels = split.labels.tolist()
        self.transform = transforms.Compose(
            [
                *(transforms.RandAugment(step.operations, step.magnitude) for step in augment),
                transforms.ToTensor(),
                transforms.Normalize(MEAN.tolist(), STD.tolist()),
            ]
        )

    def __len__(self) -> int:
        """Count the images."""
        return len(self.labels)

    def __getitem__(self, number: int) -> tuple[Tensor, int]:
        """Return an image and its class."""
        return self.transform(self.images[number]), self.labels[number]


def theirs(split: Split, augment: Sequence[RandAugment]) -> Step:
    """Return a pass over the images by torch's loader."""
    loader: DataLoader[Any] = DataLoader(
        Pillow(split, augment),
        batch_size=BATCH,
        shuffle=True,
        num_workers=2,
        persistent_workers=True,
    )
    return lambda: sum(len(images) for images, _ in loader)


def ours(split: Split, augment: tuple[Augmentation, ...]) -> Step:
    """Return a pass over the images as a training makes it."""
    order, generator = torch.Generator(), torch.Generator()

    def step() -> int:
        return sum(
            len(normalise(images, MEAN, STD))
            for images, _ in batches(split, BATCH, order, Augment(augment, generator))
        )

    return step


def main() -> None:
    """Print a row for each augmentation and number of threads."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
    split = cifar10()
    print(
        f"{'RandAugment':20}{'threads':>8}{'rounds':>8}{'theirs/s':>12}{'ours/s':>12}   faster by"
    )
    for name, augment in ROWS.items():
        reference = theirs(split, augment)
        for threads in (1, 2):  # of ours; the workers have one each
            torch.set_num_threads(threads)
            rounds = alternated([ours(split, augment), reference], seconds=SECONDS)
            rates = [
                len(split) / statistics.median(seconds.wall for seconds in side)
                for side in zip(*rounds, strict=True)
            ]
            faster = spread(b.wall / a.wall for a, b in rounds)
            print(
                f"{name:20}{threads:8}{len(rounds):8}{rates[1]:12,.0f}{rates[0]:12,.0f}   {faster}",
                flush=True,
            )


if __name__ == "__main__":
    main()
