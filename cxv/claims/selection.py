"""Which runs and networks the tests of claims are about, by the names of ``params.yaml``."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

from cxv.claims.checks import Axis
from cxv.claims.rules import Dir, Runs, Static, Test, joined
from cxv.claims.spec import Claim
from cxv.spec import Dataset, Model, Variant
from cxv.zoo import ABLATIONS, ZOO

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


def pairs(test: Test) -> tuple[Pair, ...]:
    """Return what a test compares; of one that compares no runs or networks, nothing."""
    left = getattr(test, "left", None)
    if left is None:
        return ()
    if test.right is None:  # type: ignore[union-attr]
        return tuple(Pair(side, None) for side in sides(left))
    same: tuple[Axis, ...] = test.same  # type: ignore[union-attr]
    others: dict[tuple[str, ...], list[Side]] = {}
    for other in sides(test.right):  # type: ignore[union-attr]
        others.setdefault(_place(other, same), []).append(other)
    return tuple(
        Pair(one, other) for one in sides(left) for other in others.get(_place(one, same), ())
    )


def _place(side: Side, same: tuple[Axis, ...]) -> tuple[str, ...]:
    return tuple(getattr(side.members[0], axis) for axis in same)


def sides(runs: Runs) -> tuple[Side, ...]:
    """Return each network by itself, or all of a dataset together."""
    members = tuple(trained(runs))
    if runs.take == "each":
        return tuple(Side((one,)) for one in members)
    return tuple(
        Side(tuple(one for one in members if one.dataset == dataset), runs.take)
        for dataset in dict.fromkeys(one.dataset for one in members)
    )


def trained(runs: Runs) -> Iterator[Trained]:
    """Yield the product of the names of every block."""
    for block in joined(runs):
        for names in product(block.datasets, block.models, block.variants, block.recipes):
            yield Trained(*names)


def networks(test: Test) -> tuple[str, ...]:
    """Return the ``Profile.id`` of every network that a test counts or measures."""
    if isinstance(test, Static):
        names = product((STATIC_DATASET,), test.models, test.variants)
        return tuple("/".join(name) for name in names)
    if counts(test):
        return tuple(dict.fromkeys(one.network for pair in pairs(test) for one in pair.members))
    return ()


def counts(test: Test) -> bool:
    """Tell a test of what is counted or predicted of networks from one of their training."""
    return getattr(test, "column", "top1") != "top1"


def runs_wanted(claims: Mapping[str, Claim]) -> dict[Trained, int]:
    """Return what has to be trained for claims, and the fewest seeds of it that their tests take.

    Tests for which ``params.yaml`` lacks something are left out.
    """
    wanted: dict[Trained, int] = {}
    for test in tests(claims):
        if isinstance(test, Static) or counts(test):
            continue
        for one in _members(pairs(test)):
            seeds = test.seeds_min if isinstance(test, Dir) else 0
            wanted[one] = max(wanted.get(one, 0), seeds)
    return wanted


def networks_wanted(claims: Mapping[str, Claim]) -> set[str]:
    """Return the ``Profile.id`` of all that has to be counted for claims, likewise."""
    return {name for test in tests(claims) for name in networks(test)}


def tests(claims: Mapping[str, Claim]) -> Iterator[Test]:
    """Yield the tests that ``params.yaml`` has all names for."""
    return (test for claim in claims.values() for test in claim.tests if not test.missing)


def _members(found: Iterable[Pair]) -> Iterator[Trained]:
    for pair in found:
        yield from pair.members
