"""A trained network that classifies images as its training scored them, for MLflow to serve."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

import numpy as np
import torch
from jaxtyping import UInt8
from torch import nn

from cxv.data.manifest import Manifest
from cxv.data.tensors import normalise
from cxv.records.run import CHECKPOINT, RECORD, RunRecord
from cxv.records.seal import read_sealed
from cxv.training.evaluation import EVALUATION_BATCH
from cxv.training.precision import autocast, precision
from cxv.training.setup import network

MANIFEST = "manifest.json"
"""Next to a record and its checkpoint: the three files that a classifier is loaded from."""


class Answer(TypedDict):
    """What is said of an image."""

    label: int  # of the class, from 0
    name: str  # of the class
    probability: float  # of the class


@dataclass(frozen=True, slots=True)
class Classifier:
    """A network on a device, in the precision in which it was scored."""

    network: nn.Module
    facts: Manifest
    device: torch.device
    dtype: torch.dtype

    @classmethod
    def load(cls, folder: Path, device: torch.device) -> "Classifier":
        """Return the network of a folder with record, checkpoint and manifest of its dataset.

        Raises:
            RecordError: one of them is missing or altered.
        """
        record = RunRecord.model_validate_json(read_sealed(folder / RECORD))
        record.intact(folder / CHECKPOINT, CHECKPOINT)
        run = record.spec
        facts = Manifest.load(folder / MANIFEST)
        saved = torch.load(folder / CHECKPOINT, weights_only=True)
        model = network(run, facts, saved["weights"]).to(device).eval()
        return cls(model, facts, device, getattr(torch, precision(run, device)))

    def predict(self, images: UInt8[np.ndarray, "n 3 h w"]) -> Sequence[Answer]:
        """Return the most probable class of each image of the size that it was trained for."""
        parts = torch.split(torch.from_numpy(np.ascontiguousarray(images)), EVALUATION_BATCH)
        shares = torch.cat([self._probabilities(part) for part in parts])
        return [
            Answer(label=label, name=self.facts.classes[label], probability=share)
            for share, label in zip(*(best.tolist() for best in shares.max(dim=1)), strict=True)
        ]

    @torch.inference_mode()
    def _probabilities(self, images: torch.Tensor) -> torch.Tensor:
        mean, std = (torch.tensor(x, device=self.device) for x in (self.facts.mean, self.facts.std))
        with autocast(self.device, self.dtype):
            logits = self.network(normalise(images.to(self.device), mean, std))
        return logits.float().softmax(dim=1).cpu()


def _load_pyfunc(path: str) -> Classifier:
    """Load what MLflow's models of kind ``pyfunc`` name this module for."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    return Classifier.load(Path(path), device)
