"""What a run or a profile leaves behind; a record made under other settings is refused."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import (
    NonNegativeInt,
    PositiveInt,
    ValidationError,
    model_validator,
)

from cxv.config.spec import Counts, Profile, Run
from cxv.config.strict_model import StrictModel, differences
from cxv.errors import UserError
from cxv.networks import Memory
from cxv.records.speed import Speed

Ending = Literal["patience", "max_epochs", "max_seconds", "diverged", "nothing to go on from"]
"""Which rule ended a link."""


class RecordError(UserError):
    """A record is missing, unreadable, or not the one asked for."""


class Stamp(StrictModel):
    """Where and with what a number was made."""

    commit: str | None  # None: not a git checkout
    dirty: bool  # tracked files differed from the commit
    code: str  # fingerprint of the code that computed, comments left out
    packages: dict[str, str]
    device: str
    precision: str
    undetermined: tuple[str, ...]  # what may have let the numbers differ from those of a second run
    cpu_threads: int
    seconds: float
    peak_bytes: int | None  # allocated on the device; None on a CPU

    @property
    def deterministic(self) -> bool:
        """Tell whether a second run on the same machine gives the same numbers, bit for bit."""
        return not self.undetermined


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


Loaded = TypeVar("Loaded", bound="Record")


class Record(StrictModel):
    """What a job leaves behind, with the specification that it was made from."""

    spec: StrictModel
    stamp: Stamp

    @classmethod
    def load(cls: type[Loaded], path: Path, spec: StrictModel) -> Loaded:
        """Return the record at ``path``, if it is the one of ``spec``; else RecordError."""
        try:
            record = cls.model_validate_json(path.read_bytes())
        except FileNotFoundError as error:
            raise RecordError(f"{path}: not made yet") from error
        except (OSError, ValidationError) as error:
            raise RecordError(f"{path}: unreadable: {error}") from error
        if record.spec != spec:
            raise RecordError(
                f"{path}: was made under other settings ({record.spec.digest}) than asked for"
                f" ({spec.digest}): {', '.join(differences(record.spec, spec))}"
            )
        return record


class RunRecord(Record):
    """``metrics.json`` of one link."""

    spec: Run
    status: Literal["finished", "diverged"]
    outcome: Outcome
    data_sha256: str
    parent_sha256: str | None  # the checkpoint that it started from
    interruptions: NonNegativeInt = 0  # after which it went on from where it was
    micro_batch: PositiveInt | None = None  # images whose gradients were added up; None: all
    checkpoint_sha256: str


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
