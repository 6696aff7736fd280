"""What a run or a profile leaves behind; a record made under other settings is refused."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isclose, isfinite
from pathlib import Path
from typing import Literal

from pydantic import NonNegativeInt, PositiveInt, field_validator

from cxv.config.spec import Run
from cxv.config.strict_model import StrictModel
from cxv.records.atomic_files import sha256_of
from cxv.records.history import Epoch, load_history
from cxv.records.predictions import Predictions
from cxv.records.record import Record
from cxv.records.seal import AlteredError

Ending = Literal["patience", "max_epochs", "max_seconds", "diverged", "nothing to go on from"]
"""Which rule ended a link."""

RECORD, HISTORY, TIMING, ANSWERS, PREDICTIONS, CHECKPOINT = (
    "metrics.json", "history.csv", "timing.csv", "answers.npz", "predictions.npz", "checkpoint.pt",
)  # fmt: skip
"""Names of a run's files."""
FILES = (HISTORY, TIMING, ANSWERS, PREDICTIONS, CHECKPOINT)
"""Those next to its record."""


class Switch(StrictModel):
    """What changing the optimizer did: the epochs after it against the weights handed over."""

    epoch: NonNegativeInt  # of the whole chain, after which the link began
    before: float | None  # top-1 of the weights handed over, on the selecting split
    jump: float | None  # top-1 of the link's first epoch minus ``before``
    gain: float | None  # top-1 of its best epoch minus ``before``


class Outcome(StrictModel):
    """What a link of a chain reached. All top-1 are fractions of 1."""

    top1: float | None  # on the test split, by the weights kept; None: diverged
    loss: float | None  # on the test split, nats per image
    selected_top1: float | None  # on the selecting split, by the weights kept
    last_top1: float | None  # on the selecting split, after the last epoch
    best_epoch: NonNegativeInt  # 1-based within the phase; 0: no epoch ended well
    epochs: NonNegativeInt
    ended_by: Ending
    switch: Switch | None  # None: the first link of its chain
    test_images: PositiveInt


class RunRecord(Record):
    """``metrics.json`` of one link."""

    spec: Run
    status: Literal["finished", "diverged"]
    outcome: Outcome
    data_sha256: str
    parent_sha256: str | None  # the checkpoint that it started from
    interruptions: NonNegativeInt = 0  # after which it went on from where it was
    micro_batch: PositiveInt | None = None  # images whose gradients were added up; None: all
    sha256: dict[str, str]  # of every file next to the record, by its name
    accepted: str | None = None  # why files are taken as they are, although they were altered

    def has_precision_of(self, spec: Run) -> bool:
        """Tell whether AMP computed in what settings ask for on the device of the training."""
        asked, made = spec.training, self.spec.training
        if not self.stamp.on_gpu:
            return asked.autocast_cpu in {None, self.stamp.precision}
        return asked.autocast_cuda in {None, made.autocast_cuda, self.stamp.precision}

    @property
    def checkpoint_sha256(self) -> str:
        """The SHA-256 of the weights, which a later link starts from."""
        return self.sha256[CHECKPOINT]

    @field_validator("sha256")
    @classmethod
    def _of_every_file(cls, found: dict[str, str]) -> dict[str, str]:
        if found.keys() != set(FILES):
            raise ValueError(f"of {sorted(found)}, wanted of {sorted(FILES)}")
        return found

    def prove(self, folder: Path) -> None:
        """Hold it against its files. The weights, which are large, are left to ``intact``."""
        for name in FILES:
            if name != CHECKPOINT:
                self.intact(folder / name, name)
        try:
            epochs = load_history(folder / HISTORY)
        except ValueError as error:
            raise AlteredError(f"{folder / HISTORY}: altered: {error}") from error
        for what, said, proven in self._claims(Predictions.load(folder / PREDICTIONS), epochs):
            if not _same(said, proven):
                raise AlteredError(
                    f"{folder / RECORD}: altered: {what} {said}, its files give {proven}"
                )

    def _claims(
        self, found: Predictions, epochs: Sequence[Epoch]
    ) -> Iterator[tuple[str, float | None, float | None]]:
        """Yield what the record says that its files prove: what it is, as said, as proven."""
        said = self.outcome
        yield "test images", said.test_images, len(found.label)
        yield "epochs", said.epochs, len(epochs)
        if self.status == "finished":
            yield "top-1", said.top1, found.top1
            yield "loss", said.loss, found.loss if isfinite(found.loss) else None
        if epochs:
            yield "last top-1", said.last_top1, epochs[-1].top1
        if said.best_epoch:
            top1 = {epoch.epoch: epoch.top1 for epoch in epochs}
            yield "best top-1", said.selected_top1, top1.get(said.best_epoch)

    def intact(self, path: Path, name: str) -> None:
        """Hold a file of the run against the SHA-256 of the one called ``name``."""
        try:
            found = sha256_of(path)
        except OSError as error:
            raise AlteredError(f"{path}: missing: {error}") from error
        if found != self.sha256[name]:
            raise AlteredError(f"{path}: altered: its SHA-256 is not the one in {RECORD}")


def _same(said: float | None, proven: float | None) -> bool:
    """Whether two numbers differ by no more than the order of a sum explains."""
    if said is None or proven is None:
        return said is proven
    return isclose(said, proven, rel_tol=1e-9)


@dataclass(frozen=True, slots=True)
class Cell:
    """One number of one table, how it was made of its sources, and which these are."""

    value: float
    unit: str
    rule: str  # "best of 3 seeds", "counted", ...
    sources: tuple[str, ...]  # "results/runs/.../metrics.json#<spec digest>"
    stale: bool = False  # other code made one of these; the rule says which
