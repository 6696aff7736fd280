"""The file of a run's weights, with the specification that they were trained under."""

import pickle
import zipfile
from pathlib import Path

import torch
from pydantic import ValidationError

from cxv.config.faults import in_words
from cxv.config.spec import Run
from cxv.config.strict_model import differences
from cxv.records.atomic_files import replacing
from cxv.records.record import OtherSettingsError
from cxv.records.seal import AlteredError
from cxv.training.trainer import Weights

UNREADABLE = (
    OSError, EOFError, KeyError, TypeError, ValueError, RuntimeError,
    pickle.PickleError, zipfile.BadZipFile,
)  # fmt: skip


def save_weights(path: Path, run: Run, weights: Weights) -> None:
    """Write weights, whole or not at all."""
    with replacing(path) as file:
        torch.save({"spec": run.canonical(), "weights": weights}, file)


def load_weights(path: Path, run: Run) -> Weights:
    """Return the weights of a run, on the CPU.

    Shapes do not tell networks apart: two heads of 16 have those of four heads of 8.

    Raises:
        AlteredError: it is missing, or no such file.
        OtherSettingsError: they were trained under another specification.
    """
    try:
        saved = torch.load(path, map_location="cpu", weights_only=True)
        text, weights = saved["spec"], saved["weights"]
    except UNREADABLE as error:
        raise AlteredError(f"{path}: missing or altered: {error}") from error
    try:
        trained = Run.model_validate_json(text)
    except ValidationError as error:
        raise AlteredError(f"{path}: missing or altered: {in_words(error, text)}") from error
    if trained.on_any_device != run.on_any_device:
        changed = ", ".join(differences(trained.on_any_device, run.on_any_device))
        raise OtherSettingsError(
            f"{path}: its weights are of another specification ({trained.digest}) than"
            f" {run.digest}: {changed}"
        )
    return weights
