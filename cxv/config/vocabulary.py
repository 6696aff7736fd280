"""What names stand for: those of ``params.yaml``, and those that a paper's folder defines."""

from collections.abc import Collection
from typing import Annotated, Literal

from pydantic import Field, model_validator

from cxv.config.phases import Phase, Training
from cxv.config.spec import Dataset, Model, Profile, Run, Variant
from cxv.config.strict_model import Fraction, Name, Specification

Names = Annotated[tuple[Name, ...], Field(min_length=1)]
SECTIONS = ("datasets", "models", "variants", "phases", "recipes")


class Vocabulary(Specification):
    """Datasets, models, variants, phases and chains of phases, by name."""

    datasets: dict[Name, Dataset]
    models: dict[Name, Model]
    variants: dict[Name, Variant]
    phases: dict[Name, Phase]
    recipes: dict[Name, Names]


class Protocol(Specification):
    """By which images a paper stops trainings and picks epochs."""

    select_on: Literal["test", "validation"]
    validation_fraction: Fraction | None = None  # of the training images; of validation alone

    @model_validator(mode="after")
    def _says_how_many_are_held_out(self) -> "Protocol":
        if (self.select_on == "validation") != (self.validation_fraction is not None):
            raise ValueError(
                "validation_fraction goes with select_on: validation, and with it alone"
            )
        return self

    def allows(self, training: Training) -> bool:
        """Tell whether a training holds out what the paper does."""
        held_out = training.validation_fraction if training.select_on == "validation" else None
        return (training.select_on, held_out) == (self.select_on, self.validation_fraction)


class Means(Vocabulary):
    """``means.yaml``: what a paper means by its names. ``params.yaml`` inherits them."""

    training: Protocol

    def of_chains(self, chains: Collection[Names]) -> "Means":
        """Return the same for a study that has some of the chains of phases alone."""
        known = {name: chain for name, chain in self.recipes.items() if chain in chains}
        return self.model_copy(update={"recipes": known})

    def has(self, run: Run) -> bool:
        """Tell whether a run is one of the paper's: every name stands for what it means there."""
        known = all(self.phases.get(phase.name) == phase for phase in run.phases)
        return (
            known
            and self.training.allows(run.training)
            and self._has(run.dataset, run.model, run.variant)
        )

    def has_network(self, profile: Profile) -> bool:
        """Tell the same of a network that is measured, whatever its training."""
        return self._has(profile.dataset, profile.model, profile.variant)

    def _has(self, dataset: Dataset, model: Model, variant: Variant) -> bool:
        images, meant = self.datasets.get(dataset.name), self.variants.get(variant.name)
        return (
            images is not None
            and images.in_any_folder == dataset
            and self.models.get(model.name) == model
            and meant is not None
            and meant.on(model) == variant
        )


NO_MEANS = Means(
    datasets={},
    models={},
    variants={},
    phases={},
    recipes={},
    training=Protocol(select_on="test"),
)
"""Of no paper: no run is one of its."""
