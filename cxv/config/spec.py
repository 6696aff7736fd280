"""A job's whole specification by value: one frozen object is argument, rerun key and provenance.

Torch is never imported here: planning a thousand runs must take a second.
"""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, JsonValue, NonNegativeInt, PositiveInt, model_validator

from cxv.config.augmentation import Augmentation
from cxv.config.phases import Phase, Training
from cxv.config.photos import ImageSource
from cxv.config.sources import IMAGES
from cxv.config.strict_model import Digits, Name, Settings, Specification
from cxv.networks import Memory
from cxv.networks.own_settings import changes
from cxv.networks.registry import Description, describe


class PerClass(Specification):
    """Keep the first images of each class, in official order."""

    train: PositiveInt
    test: PositiveInt | None = None  # None: every test image


class Dataset(ImageSource):
    """Images by a name."""

    name: Name
    per_class: PerClass | None = None

    @model_validator(mode="after")
    def _without_a_limit_that_takes_all(self) -> Self:
        """Drop a number of images of each class that is that of the source."""
        images, asked = IMAGES.get(self.source), self.per_class
        if images and asked:
            test = None if asked.test == images.test_per_class else asked.test
            some = test or asked.train != images.train_per_class
            self._settle(per_class=PerClass(train=asked.train, test=test) if some else None)
        return self


OfJob = Annotated[Dataset, AfterValidator(lambda dataset: dataset.in_any_folder)]
"""Wherever its images were fetched from."""


class Model(Specification):
    """A row of the registry of networks, some of its numbers changed by ``set``."""

    name: Name
    zoo: Name
    set: Settings = Field(default_factory=dict)

    @model_validator(mode="after")
    def _changes_alone(self) -> Self:
        """Drop the values that the row has by itself."""
        self._settle(set=changes(self.zoo, {}, self.set))
        return self


class Variant(Specification):
    """One ablation: edits of ``cxv/networks/ablations.py`` in order, then numbers."""

    name: Name
    edits: tuple[Name, ...] = ()
    set: Settings = Field(default_factory=dict)

    def on(self, model: Model) -> "Variant":
        """Return the same without the values that ``model`` has by itself, unless it is edited."""
        if self.edits or not self.set:
            return self
        return self.model_copy(update={"set": changes(model.zoo, model.set, self.set)})

    @property
    def is_edited(self) -> bool:
        """Tell an ablation from the model as it is."""
        return bool(self.edits or self.set)


def described(model: Model, variant: Variant) -> Description:
    """Return the description of a model's variant.

    Raises:
        ValueError: a setting is impossible, or an edit does not fit the model.
    """
    return describe(
        model.zoo, settings=model.set, edits=variant.edits, variant_settings=variant.set
    )


class OfNetwork(Specification):
    """What is about one network."""

    model: Model
    variant: Variant

    @model_validator(mode="after")
    def _changes_the_model(self) -> Self:
        self._settle(variant=self.variant.on(self.model))
        return self


class Run(OfNetwork):
    """One link of a chain of phases, whole: ``canonical()`` is its command-line argument."""

    dataset: OfJob
    seed: NonNegativeInt
    phases: Annotated[tuple[Phase, ...], Field(min_length=1)]
    training: Training

    @model_validator(mode="after")
    def _splits_a_batch(self) -> Self:
        self._settle(training=self.training.on_batches(phase.batch for phase in self.phases))
        return self

    @property
    def on_any_device(self) -> Self:
        """The same without the types for AMP: which of them is used decides the device."""
        return self.model_copy(update={"training": self.training.on_any_device})

    @property
    def family(self) -> str:
        """What all links of one chain share, e.g. ``cifar10/vit/base/s0``."""
        return f"{self.dataset.name}/{self.model.name}/{self.variant.name}/s{self.seed}"

    @property
    def id(self) -> str:
        """Where the run lives under ``results/runs``, e.g. ``cifar10/vit/base/s0/adamw/sgd``."""
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


class Space(Specification):
    """Networks to try: the product of the values of settings, of edits and of image sizes."""

    settings: dict[str, Annotated[tuple[JsonValue, ...], Field(min_length=1)]] = Field(
        default_factory=dict
    )  # by dotted key
    edits: Annotated[tuple[tuple[Name, ...], ...], Field(min_length=1)] = ((),)
    image_sizes: tuple[PositiveInt, ...] = ()  # pixels; none: that of the dataset


class ConfigSearch(Specification):
    """One search for the networks that have the costs which a paper prints of a model."""

    model: Model  # as the paper's folder has it
    params_m: Digits  # millions, as printed
    macs_g: Digits  # billions, as printed
    image_size: PositiveInt  # pixels
    classes: PositiveInt
    space: Space

    @property
    def id(self) -> str:
        """Where it lives under ``results/config_search``."""
        return self.model.name


class Profile(OfNetwork):
    """One measurement of a built model: no seed, no phases."""

    dataset: OfJob
    batch: PositiveInt

    @property
    def id(self) -> str:
        """Where it lives under ``results/profiles``, e.g. ``cifar10/vit/base``."""
        return f"{self.dataset.name}/{self.model.name}/{self.variant.name}"


class Network(OfNetwork):
    """A network for images of one size, built and not trained."""

    image_size: PositiveInt  # pixels
    classes: PositiveInt


class ModelSummary(Network):
    """One network to be drawn from its modules."""

    @property
    def id(self) -> str:
        """Where it lives under ``results/model_summaries``."""
        return self.model.name


class PrintedMemory(Specification):
    """The training step whose GPU memory a paper prints: in float32, with AdamW."""

    memory: Memory
    batch: PositiveInt  # images


class Counts(Specification):
    """The networks whose parameters, MACs or memory a paper prints."""

    networks: Annotated[dict[str, Network], Field(min_length=1)]  # by ``Profile.id``
    memory: dict[str, PrintedMemory] = Field(default_factory=dict)  # of some of these

    @property
    def id(self) -> str:
        """What is counted."""
        return "the paper's networks"


class Examples(Specification):
    """A few training images, and what augmentations make of them."""

    dataset: OfJob
    augment: Annotated[tuple[tuple[Augmentation, ...], ...], Field(min_length=1)]  # of phases
    images: PositiveInt = 8  # of different classes as far as there are

    @property
    def id(self) -> str:
        """Where they live under ``results/examples``; studies that augment alike share them."""
        return f"{self.dataset.name}_{self.digest}"
