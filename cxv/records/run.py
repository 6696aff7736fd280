"""What a run or a profile leaves behind; a record made under other settings is refused."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isclose, isfinite
from pathlib import Path
from typing import Literal

from pydantic import NonNegativeInt, PositiveInt, field_validator, model_validator

from cxv.config.spec import Counts, Profile, Run
from cxv.config.strict_model import StrictModel
from cxv.networks import Memory
from cxv.records.atomic_files import sha256_of
from cxv.records.history import Epoch, load_history
from cxv.records.predictions import Predictions
from cxv.records.record import Record
from cxv.records.seal import AlteredError
from cxv.records.speed import Speed

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


Convention = Literal["thop", "ptflops", "fvcore", "products"]
"""How MACs are counted, see ``cxv.profiling.count_macs``."""

Precision = Literal["float32", "float16"]
OptimizerName = Literal["AdamW", "SGD"]


class PeakMemory(StrictModel):
    """A GPU's bytes at the fullest moment of a training step, without its CUDA context.

    The bytes of weights, optimizer, gradients, activations and temporaries add up to the peak.
    """

    memory: Memory
    precision: Precision  # of autocast; weights stay in float32
    optimizer: OptimizerName  # SGD with momentum
    predicted_peak_bytes: PositiveInt
    predicted_weight_bytes: PositiveInt  # with buffers
    predicted_optimizer_bytes: NonNegativeInt
    predicted_gradient_bytes: NonNegativeInt  # of parameters
    predicted_activation_bytes: NonNegativeInt  # made by the forward pass, images among them
    predicted_temporary_bytes: NonNegativeInt  # of the backward pass or the optimizer
    predicted_saved_bytes: PositiveInt  # activations when the forward pass is over
    predicted_scoring_bytes: (
        PositiveInt  # most that ``evaluation.evaluate`` makes, without what is kept
    )
    measured_allocated_bytes: PositiveInt | None = None  # by torch; None without a GPU
    measured_reserved_bytes: NonNegativeInt | None = None  # with the gaps of its allocator


class PredictedPeak(StrictModel):
    """The memory of a training step, as a paper prints it."""

    batch: PositiveInt  # images
    peak: PeakMemory
    predicted_context_bytes: NonNegativeInt  # about; of CUDA, in addition


class CostProfile(StrictModel):
    """The cost of one model on one kind of image; the convention is part of every name."""

    params: PositiveInt  # every element of every parameter
    params_modules: PositiveInt  # weights and biases of modules only
    macs_thop: NonNegativeInt  # an image; by the rules of thop 0.0.31: layers alone
    macs_ptflops: NonNegativeInt  # an image; by the rules of ptflops in 2021: layers, ReLU, pooling
    macs_fvcore: NonNegativeInt  # an image; fvcore's rules
    macs_products: NonNegativeInt  # an image; every matrix product, convolution, FFT
    uncounted: dict[Convention, dict[str, PositiveInt]]  # operations left out, and how often run
    peak_memory: tuple[PeakMemory, ...]  # at ``batch``
    predicted_context_bytes: NonNegativeInt  # about; of CUDA, in addition to every peak
    batch: PositiveInt
    inference: Speed  # float32, at ``timed_batch``; on a CPU a second of one thread's computing
    training: Speed | None  # AdamW; float32 on a CPU, float16 on a GPU; None: inference is slow
    timed_batch: PositiveInt
    device: str

    @property
    def predicted_peak_bytes(self) -> int:
        """The peak in float32 under AdamW, as released code usually keeps its maps."""
        return self.peak("eager").predicted_peak_bytes

    @property
    def predicted_lean_peak_bytes(self) -> int:
        """The same peak with feature maps computed again."""
        return self.peak("lean").predicted_peak_bytes

    def peak(self, memory: Memory) -> PeakMemory:
        """Return the peak in float32 under AdamW."""
        wanted = (memory, "float32", "AdamW")
        return next(x for x in self.peak_memory if (x.memory, x.precision, x.optimizer) == wanted)

    def predicted(self, memory: Memory) -> PredictedPeak:
        """Return that peak with what belongs to it."""
        return PredictedPeak(
            batch=self.batch,
            peak=self.peak(memory),
            predicted_context_bytes=self.predicted_context_bytes,
        )


class ProfileRecord(Record):
    """``profile.json`` of one model on one dataset."""

    spec: Profile
    measured: CostProfile


class Counted(StrictModel):
    """What a network has by the rules that papers count by, without a measurement."""

    params: PositiveInt
    params_modules: PositiveInt
    macs_thop: NonNegativeInt  # an image, as below
    macs_ptflops: NonNegativeInt
    macs_fvcore: NonNegativeInt
    macs_products: NonNegativeInt
    memory: PredictedPeak | None = None  # None: the paper prints none


class CountsRecord(Record):
    """``networks.json``: those of a paper, counted."""

    spec: Counts
    counted: dict[str, Counted]  # by ``Profile.id``

    @model_validator(mode="after")
    def _has_all_that_is_asked_for(self) -> "CountsRecord":
        if self.counted.keys() != self.spec.networks.keys():
            asked = list(self.spec.networks)
            raise ValueError(f"counts of {list(self.counted)}, asked for {asked}")
        predicted = {name for name, one in self.counted.items() if one.memory}
        if predicted != self.spec.memory.keys():
            asked = list(self.spec.memory)
            raise ValueError(f"memory of {sorted(predicted)}, asked for {asked}")
        return self


@dataclass(frozen=True, slots=True)
class Cell:
    """One number of one table, how it was made of its sources, and which these are."""

    value: float
    unit: str
    rule: str  # "best of 3 seeds", "counted", ...
    sources: tuple[str, ...]  # "results/runs/.../metrics.json#<spec digest>"
