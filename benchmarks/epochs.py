"""A whole epoch of ours against a plain loop around the same model: data, steps, scores, records.

The plain loop is the usual one: a ``DataLoader`` over PIL images, ``ToTensor``, ``Normalize``, the
optimizer as torch makes it, the loss read after each step, top-1 counted batch by batch, a line
appended to a CSV. Both train small networks on the same scans of digits, in one thread and in
alternation.

    python -W ignore -m benchmarks.epochs
"""

import csv
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset
from torchvision.transforms import v2
from torchvision.transforms.functional import to_pil_image

from benchmarks.pairs import alternated, spread
from cxv.config.load import load as load_params
from cxv.config.spec import Run
from cxv.data.manifest import Manifest
from cxv.data.sources import fetch
from cxv.data.tensors import Images, Split, load
from cxv.records.history import TimedEpoch, save_history
from cxv.records.identity import TrainingIdentity
from cxv.training.checkpointing import Checkpointer
from cxv.training.progress import progress
from cxv.training.setup import network, prepare_training
from cxv.training.trainer import Learner

MODELS = ("convmixer_small", "resnet18_small", "cltv_small", "cpv_small")
"""The smallest, and others."""
SECONDS = 40.0
"""Of each pair."""


class Scans(Dataset[tuple[Tensor, int]]):
    """PIL images and their classes, transformed one by one."""

    def __init__(self, split: Split, facts: Manifest) -> None:
        self._images = [to_pil_image(image) for image in split.images]
        self._labels = split.labels.tolist()
        self._prepare = v2.Compose(
            [
                v2.ToImage(),
                v2.ToDtype(torch.float32, scale=True),
                v2.Normalize(facts.mean, facts.std),
            ]
        )

    def __len__(self) -> int:
        """Count the images."""
        return len(self._labels)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        """Return one image and its class."""
        return self._prepare(self._images[index]), self._labels[index]


def ours(run: Run, data: Images, facts: Manifest, folder: Path) -> Callable[[], object]:
    """Return an epoch as ``cxv train`` makes it, its state kept and its line written."""
    device = torch.device("cpu")
    setup, _ = prepare_training(run, data, facts, device)
    learner = Learner(network(run, facts, None), setup)
    identity = TrainingIdentity(run=run, precision="", code="", data_sha256="", parent_sha256=None)
    checkpointer = Checkpointer(folder, identity, {}, every_seconds=300.0)

    def epoch() -> TimedEpoch:
        with progress(run.phase, lambda: learner.seconds) as tell:
            done = learner.epoch(partial(checkpointer.on_step, learner))
            checkpointer.save(learner)
            tell(done)
            save_history(folder / "history.csv", folder / "timing.csv", learner.history)
        return done

    return epoch


def plain(run: Run, data: Images, facts: Manifest, folder: Path) -> Callable[[], object]:
    """Return an epoch as a tutorial would write it."""
    model = network(run, facts, None)
    loader = partial(DataLoader[tuple[Tensor, int]], batch_size=run.phase.batch)
    train = loader(Scans(data.train, facts), shuffle=True)
    test = loader(Scans(data.test, facts))
    steps = torch.optim.AdamW(model.parameters(), lr=run.phase.optimizer.lr)

    def epoch() -> float:
        total = 0.0
        model.train()
        for images, labels in train:
            steps.zero_grad()
            loss = F.cross_entropy(model(images), labels)
            loss.backward()  # type: ignore[no-untyped-call]
            steps.step()
            total += loss.item() * len(labels)
        top1 = scored(model, test)
        with (folder / "plain.csv").open("a") as file:
            csv.writer(file).writerow([total / len(data.train), top1])
            file.flush()
        torch.save({"model": model.state_dict(), "optimizer": steps.state_dict()}, folder / "p.pt")
        return top1

    return epoch


@torch.no_grad()
def scored(model: nn.Module, test: DataLoader[tuple[Tensor, int]]) -> float:
    """Return the top-1 of a model, a fraction of 1."""
    model.eval()
    right = count = 0
    for images, labels in test:
        right += int((model(images).argmax(1) == labels).sum().item())
        count += len(labels)
    return right / count


def main() -> None:
    """Print the ratio of CPU time for each model."""
    torch.set_num_threads(1)
    small = load_params(Path("params.yaml")).runs("small")
    print(f"{'':16}{'parameters':>12}{'rounds':>8}   {'ratio of CPU time':20}of time")
    for name in MODELS:
        run = small[f"digits/{name}/base/s0/adamw_demo"]
        with tempfile.TemporaryDirectory() as root:
            folder = Path(root)
            images, manifest = folder / "images.pt", folder / "manifest.json"
            fetch(run.dataset, images=images, manifest=manifest, downloads=folder, mirror=None)
            data, facts = load(images), Manifest.load(manifest)
            pair = [kind(run, data, facts, folder) for kind in (ours, plain)]
            rounds = alternated(pair, seconds=SECONDS)
            count = sum(x.numel() for x in network(run, facts, None).parameters())
        cpu = spread(a.cpu / b.cpu for a, b in rounds)
        wall = spread(a.wall / b.wall for a, b in rounds)
        print(f"{name:16}{count:12,}{len(rounds):8}   {cpu!s:20}{wall}", flush=True)


if __name__ == "__main__":
    main()
