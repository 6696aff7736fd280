"""A trained network that classifies images as its training scored them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

import numpy as np
import torch
from jaxtyping import Float32, UInt8
from PIL import Image
from torch import Tensor, nn

from cxv.config.spec import Run
from cxv.data.archives import DataError
from cxv.data.manifest import Manifest
from cxv.data.pictures import Picture, read_picture
from cxv.data.tensors import normalise
from cxv.records.run import CHECKPOINT, RECORD, RunRecord
from cxv.training.evaluation import EVALUATION_BATCH
from cxv.training.precision import autocast, precision
from cxv.training.saved_weights import load_weights
from cxv.training.setup import network
from cxv.training.trainer import Weights

MANIFEST = "manifest.json"
"""Next to a record and its checkpoint: the three files that MLflow loads a classifier from."""


class Answer(TypedDict):
    """What is said of an image."""

    label: int  # of the class, from 0
    name: str  # of the class
    probability: float  # of the class


@dataclass(frozen=True, slots=True, repr=False)
class Classifier:
    """A network on a device, in the precision in which it was scored."""

    record: RunRecord
    network: nn.Module  # normalised (b, 3, h, w) -> logits (b, k)
    facts: Manifest
    device: torch.device
    dtype: torch.dtype

    @classmethod
    def load(cls, folder: Path, device: torch.device, manifest: Path | None = None) -> "Classifier":
        """Return the network of a run.

        Args:
            folder: of its record and checkpoint.
            device: where it computes.
            manifest: of the dataset that it was trained on; by default it is in ``folder``.

        Raises:
            AlteredError: one of them was altered.
            DataError: the manifest is missing, or of other images or classes.
            RecordError: record or checkpoint is missing, or of another specification.
        """
        record = RunRecord.read(folder / RECORD)
        record.intact(folder / CHECKPOINT, CHECKPOINT)
        run, path = record.spec, manifest or folder / MANIFEST
        facts = Manifest.load(path)
        if facts.sha256 != record.data_sha256:
            raise DataError(
                f"{path}: is of other images (SHA-256 {facts.sha256}) than {folder} was trained on"
                f" ({record.data_sha256}): fetch those of its specification"
            )
        weights = load_weights(folder / CHECKPOINT, run)
        with torch.random.fork_rng([device] if device.type == "cuda" else []):  # it seeds torch
            model = _with_weights(run, facts, weights, path).to(device).eval()
        return cls(record, model, facts, device, getattr(torch, precision(run, device)))

    def __repr__(self) -> str:
        """Return a line; the fields have thousands."""
        side, classes = self.image_size, len(self.classes)
        return f"<{self.spec.id}: {classes} classes, {side} x {side} pixels, on {self.device}>"

    @property
    def spec(self) -> Run:
        """What was trained, and how."""
        return self.record.spec

    @property
    def classes(self) -> tuple[str, ...]:
        """The name of label 0, 1, ..."""
        return self.facts.classes

    @property
    def image_size(self) -> int:
        """Pixels a side."""
        return self.facts.shape[-1]

    @property
    def mean(self) -> tuple[float, float, float]:
        """The mean of the training images' channels, on a scale of 0..1."""
        return self.facts.mean

    @property
    def std(self) -> tuple[float, float, float]:
        """The standard deviation of the training images' channels, on a scale of 0..1."""
        return self.facts.std

    def pixels(self, images: Sequence[Picture]) -> UInt8[Tensor, "n 3 h w"]:
        """Return pictures as the images of the training were read: RGB, of ``image_size``.

        Raises:
            DataError: one is missing or unreadable.
        """
        resize = self.spec.dataset.resize
        read = [read_picture(image, self.image_size, resize) for image in images]
        return torch.from_numpy(np.stack(read) if read else np.empty((0, *self.facts.shape), "u1"))

    @torch.inference_mode()
    def logits(self, images: UInt8[Tensor, "n 3 h w"]) -> Float32[Tensor, "n k"]:
        """Return the logits of images of bytes of ``image_size``, on the CPU."""
        mean, std = (torch.tensor(x, device=self.device) for x in (self.mean, self.std))
        found = []
        for part in torch.split(images, EVALUATION_BATCH):
            with autocast(self.device, self.dtype):
                made = self.network(normalise(part.to(self.device), mean, std))
            found.append(made.float().cpu())
        return torch.cat(found)

    def probabilities(self, images: Sequence[Picture] | Picture | Tensor) -> Float32[Tensor, "n k"]:
        """Return the probability of each class, on the CPU.

        Args:
            images: paths, pictures of PIL, or bytes (n, 3, h, w) of ``image_size``.

        Raises:
            DataError: an image is missing or unreadable, or a tensor is of another size or type.
        """
        if isinstance(images, Tensor):
            pixels = self._checked(images)
        else:
            several = [images] if isinstance(images, str | Path | Image.Image) else images
            pixels = self.pixels(several)
        return self.logits(pixels).softmax(dim=1)

    def answers(
        self, images: Sequence[Picture] | Picture | Tensor, top: int = 1
    ) -> list[list[Answer]]:
        """Return the ``top`` most probable classes of each image, the best first."""
        best = self.probabilities(images).topk(min(top, len(self.classes)), dim=1)
        return [
            [
                Answer(label=x, name=self.classes[x], probability=p)
                for p, x in zip(*one, strict=True)
            ]
            for one in zip(best.values.tolist(), best.indices.tolist(), strict=True)
        ]

    def predict(self, images: UInt8[np.ndarray, "n 3 h w"]) -> Sequence[Answer]:
        """Return the most probable class of each image, as MLflow asks for it."""
        return [best for [best] in self.answers(torch.from_numpy(np.ascontiguousarray(images)))]

    def _checked(self, images: Tensor) -> UInt8[Tensor, "n 3 h w"]:
        if images.dtype != torch.uint8 or images.shape[1:] != self.facts.shape:
            wanted = " x ".join(map(str, self.facts.shape))
            raise DataError(
                f"images are a tensor {tuple(images.shape)} of {images.dtype}: give bytes (0..255,"
                f" torch.uint8) of n x {wanted}, or paths or pictures of PIL, which are resized"
            )
        return images


def _with_weights(run: Run, facts: Manifest, weights: Weights, manifest: Path) -> nn.Module:
    """Return the network of a run for the images of a manifest, trained.

    Raises:
        DataError: these images ask for a network of other shapes than the weights have.
    """
    try:
        return network(run, facts, weights)
    except (RuntimeError, ValueError) as error:
        raise DataError(
            f"{manifest}: {len(facts.classes)} classes and images of {facts.shape[-1]} pixels do"
            f" not give the network that was trained: {' '.join(str(error).split())}"
        ) from error


def _load_pyfunc(path: str) -> Classifier:
    """Load what MLflow's models of kind ``pyfunc`` name this module for."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    return Classifier.load(Path(path), device)
