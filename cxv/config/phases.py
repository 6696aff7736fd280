"""How a link of a chain is trained, until when, and what holds for all links."""

from typing import Annotated, Any, Literal

from pydantic import (
    ConfigDict,
    Field,
    JsonValue,
    PositiveInt,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from cxv.config.augmentation import Augmentation
from cxv.config.mix import Mix
from cxv.config.strict_model import Fraction, Name, NonNegative, Positive, StrictModel
from cxv.networks import Memory


class FromTorch(StrictModel):
    """A class of torch by its name, and its arguments, which ``cxv.jobs.check`` tries."""

    model_config = ConfigDict(extra="allow")

    name: str

    @property
    def arguments(self) -> dict[str, JsonValue]:
        """Everything but the name."""
        return self.model_dump(mode="json", exclude={"name"})


class Optimizer(FromTorch):
    """A class of ``torch.optim``."""

    lr: Positive


class Schedule(FromTorch):
    """A class of ``torch.optim.lr_scheduler``, stepped after every epoch.

    ReduceLROnPlateau watches the top-1 on the selecting split, which is to rise: ``mode: max``.
    """

    schedulers: tuple["Schedule", ...] = ()  # that SequentialLR or ChainedScheduler is made of

    @model_serializer(mode="wrap")
    def _without_empty_lists(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave ``schedulers`` out where there are none: most classes have no such argument."""
        fields: dict[str, Any] = dump(self)
        return {key: value for key, value in fields.items() if key != "schedulers" or value}


class Phase(StrictModel):
    """One optimizer on one augmentation until the first of its stopping rules holds."""

    name: Name
    optimizer: Optimizer
    schedule: Schedule | None = None
    augment: tuple[Augmentation, ...] = ()
    mix: Mix | None = None
    # of each target, spread over all classes by the training loss (arXiv:1512.00567)
    label_smoothing: Annotated[float, Field(ge=0, lt=1)] = 0.0
    batch: PositiveInt  # images per step
    patience: PositiveInt | None  # epochs without a better top-1; None: fixed epochs
    tolerance: NonNegative = 0.0  # fraction of 1; a gain up to it counts as none
    max_epochs: PositiveInt
    max_seconds: Positive | None = None  # of training, without its interruptions


class Training(StrictModel):
    """What holds for every run."""

    select_on: Literal["test", "validation"]
    validation_fraction: Fraction
    autocast_cuda: Literal["auto", "float16", "bfloat16", "float32"]  # auto: bfloat16 where native
    autocast_cpu: Literal["float16", "bfloat16", "float32"]
    cpu_threads: PositiveInt
    memory: Memory
    compile: bool = False
    micro_batch: PositiveInt | Literal["auto"] | None = None  # images; gradients are accumulated

    @model_validator(mode="after")
    def _compiles_its_memory(self) -> "Training":
        if self.compile and self.memory == "lean":
            raise ValueError(
                "compile: true cannot compute maps again as memory: lean asks"
                " (allowed: memory: fused, memory: eager, or compile: false)"
            )
        return self
