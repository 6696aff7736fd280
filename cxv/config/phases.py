"""How a link of a chain is trained, until when, and what holds for all links."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    JsonValue,
    PositiveInt,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from cxv.config import torch_arguments
from cxv.config.augmentation import Augmentation
from cxv.config.mix import Mix
from cxv.config.strict_model import Fraction, Name, NonNegative, Positive, Specification
from cxv.networks import Memory


class FromTorch(Specification):
    """A class of torch by its name, and its arguments, which ``cxv.jobs.check`` tries."""

    model_config = ConfigDict(extra="allow")
    known: ClassVar[Mapping[str, torch_arguments.Arguments]]

    name: str

    @model_validator(mode="after")
    def _with_all_arguments(self) -> Self:
        """Give every argument its type, and torch's default to those not given."""
        given = self.__pydantic_extra__
        if given is not None and self.name in self.known:
            full = torch_arguments.completed(self.known[self.name], given)
            given.clear()
            given.update(full)
        return self

    @property
    def arguments(self) -> dict[str, JsonValue]:
        """Everything but the name."""
        return self.model_dump(mode="json", exclude={"name"})


class Optimizer(FromTorch):
    """A class of ``torch.optim``."""

    known = torch_arguments.OPTIMIZERS

    lr: Positive


FACTORS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "ConstantLR": ("factor",),
        "ExponentialLR": ("gamma",),
        "LinearLR": ("start_factor", "end_factor"),
        "MultiStepLR": ("gamma",),
        "StepLR": ("gamma",),
    }
)
"""What some schedules multiply the rate by."""
STEPPED = ("MultiStepLR", "StepLR")
"""Those that change it after certain epochs alone."""
OF_ONE: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {"ChainedScheduler": {}, "SequentialLR": {"milestones": []}}
)
"""The arguments of combinations that hold one schedule."""


class Schedule(FromTorch):
    """A class of ``torch.optim.lr_scheduler``, stepped after every epoch.

    ReduceLROnPlateau watches the top-1 on the selecting split, which is to rise: ``mode: max``.
    """

    known = torch_arguments.SCHEDULES

    schedulers: tuple["Schedule", ...] = ()  # that SequentialLR or ChainedScheduler is made of

    @model_serializer(mode="wrap")
    def _without_empty_lists(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave ``schedulers`` out where there are none: most classes have no such argument."""
        fields: dict[str, Any] = dump(self)
        return {key: value for key, value in fields.items() if key != "schedulers" or value}

    def felt(self, epochs: int) -> "Schedule | None":
        """Return the same rates of ``epochs`` in the simplest form; None: all are the optimizer's.

        A schedule with a fault keeps its form, for ``cxv.jobs.check`` to refuse it.
        """
        known, given = self.known.get(self.name, {}), self.model_extra or {}
        if len(self.schedulers) == 1 and given == OF_ONE.get(self.name):
            return self.schedulers[0].felt(epochs)
        if self.schedulers or not torch_arguments.fits(known, given):
            return self
        changes = given.get("milestones", [given.get("step_size", 1)])  # epochs before one
        if any(type(epoch) is not int or epoch < 1 for epoch in changes):
            return self
        early = sorted(epoch for epoch in changes if epoch < epochs)
        by_one = {given[key] for key in FACTORS.get(self.name, ())} == {1.0}
        if by_one or (self.name in STEPPED and not early):
            return None
        is_listed = self.name == "MultiStepLR"
        return self.model_copy(update={"milestones": early}) if is_listed else self


class Phase(Specification):
    """One optimizer on one augmentation until the first of its stopping rules holds."""

    name: Name
    optimizer: Optimizer
    schedule: Schedule | None = None
    augment: tuple[Augmentation, ...] = ()
    mix: Mix | None = None
    # of each target, spread over all classes by the training loss (arXiv:1512.00567)
    label_smoothing: Annotated[float, Field(ge=0, lt=1), AfterValidator(abs)] = 0.0
    batch: PositiveInt  # images per step
    patience: PositiveInt | None  # epochs without a better top-1; None: fixed epochs
    tolerance: NonNegative = 0.0  # fraction of 1; a gain up to it counts as none
    max_epochs: PositiveInt
    max_seconds: Positive | None = None  # of training, without its interruptions

    @model_validator(mode="after")
    def _without_what_is_not_felt(self) -> Self:
        """Drop a schedule of equal rates, and a patience that the epochs end first."""
        patience = self.patience if self.patience and self.patience < self.max_epochs else None
        self._settle(
            schedule=self.schedule and self.schedule.felt(self.max_epochs),
            patience=patience,
            tolerance=self.tolerance if patience else 0.0,
        )
        return self


class Training(Specification):
    """What holds for every run."""

    select_on: Literal["test", "validation"]
    validation_fraction: Fraction | None = None  # held out to select on; None: select_on is test
    # auto: bfloat16 where native; None in what is the same on any device
    autocast_cuda: Literal["auto", "float16", "bfloat16", "float32"] | None
    autocast_cpu: Literal["float16", "bfloat16", "float32"] | None
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

    @model_validator(mode="after")
    def _holds_out_what_it_selects_on(self) -> Self:
        if self.select_on == "test":
            self._settle(validation_fraction=None)
        elif self.validation_fraction is None:
            raise ValueError("select_on: validation needs a validation_fraction")
        return self

    @property
    def on_any_device(self) -> Self:
        """The same without the types for AMP: a device uses only one of the two."""
        return self.model_copy(update={"autocast_cuda": None, "autocast_cpu": None})

    def on_batches(self, batches: Iterable[int]) -> "Training":
        """Return the same without a micro-batch that no batch is larger than."""
        size = self.micro_batch
        whole = isinstance(size, int) and size >= max(batches)
        return self.model_copy(update={"micro_batch": None}) if whole else self
