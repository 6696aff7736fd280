"""What names stand for: those of ``params.yaml``, and those that a paper's folder defines."""

from collections.abc import Collection
from typing import Annotated, Literal

from pydantic import Field

from cxv.config.phases import Phase
from cxv.config.spec import Dataset, Model, Profile, Run, Variant
from cxv.config.strict_model import Name, StrictModel

Names = Annotated[tuple[Name, ...], Field(min_length=1)]
SECTIONS = ("datasets", "models", "variants", "phases", "recipes")


class Vocabulary(StrictModel):
    """Datasets, models, variants, phases and chains of phases, by name."""

    datasets: dict[Name, Dataset]
    models: dict[Name, Model]
    variants: dict[Name, Variant]
    phases: dict[Name, Phase]
    recipes: dict[Name, Names]


class Protocol(StrictModel):
    """What a paper says of every training; None: nothing."""

    select_on: Literal["test", "validation"] | None = None


class Means(Vocabulary):
    """``means.yaml``: what a paper means by its names. ``params.yaml`` inherits them."""

    training: Protocol = Protocol()

    def of_recipes(self, names: Collection[str]) -> "Means":
        """Return the same for a study that has some of the recipes alone."""
        known = {name: chain for name, chain in self.recipes.items() if name in names}
        return self.model_copy(update={"recipes": known})

    def has(self, run: Run) -> bool:
        """Tell whether a run is one of the paper's: every name stands for what it means there."""
        known = all(self.phases.get(phase.name) == phase for phase in run.phases)
        selects = self.training.select_on in {None, run.training.select_on}
        return known and selects and self._has(run.dataset, run.model, run.variant)

    def has_network(self, profile: Profile) -> bool:
        """Tell the same of a network that is measured, whatever its training."""
        return self._has(profile.dataset, profile.model, profile.variant)

    def _has(self, dataset: Dataset, model: Model, variant: Variant) -> bool:
        return (
            self.datasets.get(dataset.name) == dataset
            and self.models.get(model.name) == model
            and self.variants.get(variant.name) == variant
        )


NO_MEANS = Means(datasets={}, models={}, variants={}, phases={}, recipes={})
"""Of no paper: no run is one of its."""
