"""What a network answers to every test image: the proof of its top-1 and loss."""

import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float32, Int16

from cxv.records.atomic_files import replacing
from cxv.records.seal import AlteredError


@dataclass(frozen=True, slots=True)
class Predictions:
    """Of n images, in the order of the test split."""

    predicted: Int16[np.ndarray, " n"]  # class
    label: Int16[np.ndarray, " n"]  # true class
    log_probability: Float32[np.ndarray, " n"]  # of the true class, natural logarithm

    @property
    def top1(self) -> float:
        """The share that is right, a fraction of 1."""
        return float((self.predicted == self.label).mean())

    @property
    def loss(self) -> float:
        """The mean cross-entropy, nats per image."""
        return -float(self.log_probability.mean(dtype=np.float64))

    def save(self, path: Path) -> None:
        """Write them, whole or not at all."""
        with replacing(path) as file:
            np.savez_compressed(
                file,
                predicted=self.predicted,
                label=self.label,
                log_probability=self.log_probability,
            )

    @classmethod
    def load(cls, path: Path) -> "Predictions":
        """Return what was saved.

        Raises:
            AlteredError: it is missing, or no such file.
        """
        try:
            with np.load(path) as file:
                return cls(file["predicted"], file["label"], file["log_probability"])
        except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
            raise AlteredError(f"{path}: missing or altered: {error}") from error
