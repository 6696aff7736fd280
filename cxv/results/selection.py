"""Which runs and networks are compared, by the names of ``params.yaml``."""

from dataclasses import dataclass
from math import prod
from typing import NamedTuple


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

    def words(self, usual_recipe: str) -> str:
        """Name it; a model as it is, and the usual recipe, go without saying."""
        variant = f" {self.variant}" * (self.variant != "base")
        recipe = f" {self.recipe}" * (self.recipe != usual_recipe)
        return f"{self.model}{variant}{recipe}"


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a pair: one network, or the best or the mean of several."""

    members: tuple[Trained, ...]
    take: str = "each"

    def words(self, usual_recipe: str) -> str:
        """Name it."""
        names = ", ".join(one.words(usual_recipe) for one in self.members)
        return names if self.take == "each" else f"{self.take} of {names}"


@dataclass(frozen=True, slots=True)
class Pair:
    """What is held against each other; without a right, against a number."""

    left: Side
    right: Side | None

    def words(self, usual_recipe: str) -> str:
        """Name both sides, and the dataset."""
        against = f" against {self.right.words(usual_recipe)}" if self.right else ""
        return f"{self.left.words(usual_recipe)}{against}, {self.left.members[0].dataset}"

    @property
    def choices(self) -> int:
        """Among how many pairs of networks the best is taken, by what came out."""
        sides = (side for side in (self.left, self.right) if side and side.take == "best")
        return prod(len(side.members) for side in sides)

    @property
    def members(self) -> tuple[Trained, ...]:
        """All that it takes."""
        return self.left.members + (self.right.members if self.right else ())
