"""What a network costs: counted, and measured on a device."""

from typing import Literal

from pydantic import NonNegativeInt, PositiveInt, model_validator

from cxv.config.spec import Counts, Profile
from cxv.config.strict_model import StrictModel
from cxv.networks import Memory
from cxv.records.record import Record
from cxv.records.speed import Speed

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
