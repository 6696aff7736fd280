"""Which runs and networks are compared, by the names of ``params.yaml``."""

from dataclasses import dataclass
from typing import NamedTuple

from cxv.config.spec import Dataset, Model, Variant
from cxv.networks.registry import ABLATIONS, ZOO

DATASETS = ("cifar10", "cifar100", "tiny_imagenet")
"""Of the paper, whole."""

STATIC_DATASET = "cifar10"
"""Of the networks whose costs Table 1 prints."""


class Trained(NamedTuple):
    """All seeds of one network, trained one way."""

    dataset: str
    model: str
    variant: str
    recipe: str

    @property
    def network(self) -> str:
        """The ``Profile.id`` of it."""
        return f"{self.dataset}/{self.model}/{self.variant}"

    @property
    def words(self) -> str:
        """Name it; what is as by default goes without saying."""
        variant = f" {self.variant}" * (self.variant != "base")
        recipe = f" {self.recipe}" * (self.recipe != "dualopt")
        return f"{self.model}{variant}{recipe}"


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a pair: one network, or the best or the mean of several."""

    members: tuple[Trained, ...]
    take: str = "each"

    @property
    def words(self) -> str:
        """Name it."""
        names = ", ".join(one.words for one in self.members)
        return names if self.take == "each" else f"{self.take} of {names}"


@dataclass(frozen=True, slots=True)
class Pair:
    """What is held against each other; without a right, against a number."""

    left: Side
    right: Side | None

    @property
    def words(self) -> str:
        """Name both sides, and the dataset."""
        against = f" against {self.right.words}" if self.right else ""
        return f"{self.left.words}{against}, {self.left.members[0].dataset}"

    @property
    def members(self) -> tuple[Trained, ...]:
        """All that it takes."""
        return self.left.members + (self.right.members if self.right else ())


def is_as_named(dataset: Dataset, model: Model, variant: Variant) -> bool:
    """Tell whether names that the paper has stand for what they do there.

    ``params.yaml`` may call a part of CIFAR-10 ``cifar10``, or change the numbers of ``cpv``: no
    printed number is about these.
    """
    edits = () if variant.name == "base" else (variant.name,)
    return all(
        (
            dataset.name not in DATASETS
            or (dataset.source == dataset.name and not dataset.per_class),
            model.name not in ZOO or (model.zoo == model.name and not model.set),
            variant.name not in {"base", *ABLATIONS} or (variant.edits, variant.set) == (edits, {}),
        )
    )
