"""What a job is told, whole and by value: one frozen object is argument, re-run key and provenance.

Torch is never imported here: planning a thousand runs must take a second.
"""

import hashlib
import json
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    FiniteFloat,
    JsonValue,
    NonNegativeInt,
    PositiveInt,
    StringConstraints,
    model_validator,
)

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_]*$")]
Settings = dict[str, JsonValue]
"""Numbers of a description to change: ``{"dim": 64, "mixer": {"heads": 2}}``."""

Positive = Annotated[FiniteFloat, Field(gt=0)]
NonNegative = Annotated[FiniteFloat, Field(ge=0)]
Fraction = Annotated[float, Field(gt=0, lt=1)]
Decay = Annotated[float, Field(ge=0, lt=1)]


class Frozen(BaseModel):
    """Immutable and strict; a misspelt key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    def canonical(self) -> str:
        """Return one JSON string, the same whatever the order of keys in ``params.yaml``."""
        return json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))

    @property
    def digest(self) -> str:
        """First 12 hexadecimal digits of the SHA-256 of ``canonical()``."""
        return hashlib.sha256(self.canonical().encode()).hexdigest()[:12]


class PerClass(Frozen):
    """Keep the first images of each class, in official order."""

    train: PositiveInt
    test: PositiveInt | None = None  # None: every test image


class Dataset(Frozen):
    """Where images come from; ``path`` and ``image_size`` belong to ``image_folder`` alone."""

    name: Name
    source: Literal["digits", "cifar10", "cifar100", "tiny_imagenet", "image_folder"]
    per_class: PerClass | None = None
    path: str | None = None
    image_size: PositiveInt | None = None  # pixels; None: as they are

    @model_validator(mode="after")
    def _fits_its_source(self) -> "Dataset":
        if self.source == "image_folder":
            if not self.path:
                raise ValueError("source image_folder needs a path")
        elif self.path is not None or self.image_size is not None:
            raise ValueError(f"path and image_size go with image_folder alone, not {self.source}")
        return self


class Model(Frozen):
    """A row of the registry in ``cxv/zoo.py``, some of its numbers changed by ``set``."""

    name: Name
    zoo: Name
    set: Settings = {}


class Variant(Frozen):
    """One ablation: edits of ``cxv/ablations.py`` in order, then numbers."""

    name: Name
    edits: tuple[Name, ...] = ()
    set: Settings = {}

    @property
    def is_edited(self) -> bool:
        """Tell an ablation from the model as it is."""
        return bool(self.edits or self.set)


class AdamW(Frozen):
    """Arguments of ``torch.optim.AdamW``."""

    name: Literal["AdamW"]
    lr: Positive
    betas: tuple[Decay, Decay]
    eps: Positive
    weight_decay: NonNegative


class SGD(Frozen):
    """Arguments of ``torch.optim.SGD``."""

    name: Literal["SGD"]
    lr: Positive
    momentum: Decay
    weight_decay: NonNegative = 0.0


class RandAugment(Frozen):
    """``operations`` random operations an image, each at ``magnitude`` of 0..30."""

    operations: PositiveInt
    magnitude: Annotated[int, Field(ge=0, le=30)]


class Phase(Frozen):
    """One optimizer on one augmentation until top-1 stops improving."""

    name: Name
    optimizer: Annotated[AdamW | SGD, Field(discriminator="name")]
    randaugment: RandAugment | None = None
    batch: PositiveInt
    patience: PositiveInt
    max_epochs: PositiveInt


Memory = Literal["paper", "fused", "lean"]
"""The maps that the backward pass finds: all that the released code keeps, those that fused kernels
leave, or a few, from which it computes the others again; see ``cxv.forms``."""


class Training(Frozen):
    """What holds for every run."""

    select_on: Literal["test", "validation"]
    validation_fraction: Fraction
    autocast_cuda: Literal["float16", "bfloat16", "float32"]
    autocast_cpu: Literal["float16", "bfloat16", "float32"]
    cpu_threads: PositiveInt
    memory: Memory


class Run(Frozen):
    """One link of a chain of phases, whole: ``canonical()`` is its command-line argument."""

    dataset: Dataset
    model: Model
    variant: Variant
    seed: NonNegativeInt
    phases: Annotated[tuple[Phase, ...], Field(min_length=1)]
    training: Training

    @property
    def family(self) -> str:
        """What all links of one chain share, e.g. ``cifar10/cpv/base/s0``."""
        return f"{self.dataset.name}/{self.model.name}/{self.variant.name}/s{self.seed}"

    @property
    def id(self) -> str:
        """Where the run lives under ``results/runs``, e.g. ``cifar10/cpv/base/s0/adamw/sgd``."""
        return "/".join((self.family, *self.links))

    @property
    def links(self) -> tuple[str, ...]:
        """Names of the phases, as a recipe lists them."""
        return tuple(phase.name for phase in self.phases)

    @property
    def profile_id(self) -> str:
        """``Profile.id`` of the same model, variant and dataset."""
        return f"{self.dataset.name}/{self.model.name}/{self.variant.name}"

    @property
    def phase(self) -> Phase:
        """The link itself: the last phase of the chain."""
        return self.phases[-1]

    @property
    def parent(self) -> "Run | None":
        """The link whose checkpoint this one starts from."""
        phases = self.phases[:-1]
        return self.model_copy(update={"phases": phases}) if phases else None

    @property
    def chain(self) -> tuple["Run", ...]:
        """All links up to this one, first to last."""
        return (*(self.parent.chain if self.parent else ()), self)


class Space(Frozen):
    """Networks to try: the product of the values of settings, of edits and of image sizes."""

    settings: dict[str, Annotated[tuple[JsonValue, ...], Field(min_length=1)]] = {}  # dotted keys
    edits: Annotated[tuple[tuple[Name, ...], ...], Field(min_length=1)] = ((),)
    image_sizes: Annotated[tuple[PositiveInt, ...], Field(min_length=1)] = (32,)  # pixels


class Forensics(Frozen):
    """One search for the networks that have the costs which Table 1 prints for a row."""

    row: Name  # of the registry in ``cxv/zoo.py``
    params_m: Annotated[str, StringConstraints(pattern=r"^\d+\.\d+$")]  # millions, as printed
    macs_g: Annotated[str, StringConstraints(pattern=r"^\d+\.\d+$")]  # billions, as printed
    space: Space

    @property
    def id(self) -> str:
        """Where it lives under ``results/forensics``."""
        return self.row


class Profile(Frozen):
    """One measurement of a built model: no seed, no phases."""

    dataset: Dataset
    model: Model
    variant: Variant
    batch: PositiveInt

    @property
    def id(self) -> str:
        """Where it lives under ``results/profiles``, e.g. ``cifar10/cpv/base``."""
        return f"{self.dataset.name}/{self.model.name}/{self.variant.name}"
