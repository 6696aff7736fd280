"""Which runs and networks the tests of claims are about, by the names of ``means.yaml``."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import product

from cxv.paper.claim_spec import Claim
from cxv.paper.claim_tests import AsPrintedTest, CostTest, Runs, Test, joined
from cxv.paper.printed_check_spec import Axis
from cxv.results.records import Records
from cxv.results.selection import Pair, Side, Trained


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
    if isinstance(test, AsPrintedTest):
        names = product((test.dataset,), test.models, test.variants)
        return tuple("/".join(name) for name in names)
    if counts(test):
        return tuple(dict.fromkeys(one.network for pair in pairs(test) for one in pair.members))
    return ()


def counts(test: Test) -> bool:
    """Tell a test of what is counted or predicted of networks from one of their training."""
    return isinstance(test, CostTest)


def runs_wanted(claims: Mapping[str, Claim]) -> tuple[Trained, ...]:
    """Return what has to be trained for claims.

    Tests for which ``means.yaml`` lacks something are left out.
    """
    trained = (test for test in tests(claims) if not counts(test))
    return tuple(dict.fromkeys(one for test in trained for one in _members(pairs(test))))


def networks_wanted(claims: Mapping[str, Claim]) -> set[str]:
    """Return the ``Profile.id`` of every network to be counted for claims.

    Tests for which ``means.yaml`` lacks something are left out.
    """
    return {name for test in tests(claims) for name in networks(test)}


def tests(claims: Mapping[str, Claim]) -> Iterator[Test]:
    """Yield the tests that ``means.yaml`` has all names for."""
    return (test for claim in claims.values() for test in claim.tests if not test.missing)


def _members(found: Iterable[Pair]) -> Iterator[Trained]:
    for pair in found:
        yield from pair.members


def is_asked_for(test: Test, records: Records) -> bool:
    """Return whether the studies have all sides of any comparison of a test."""
    if test.missing:
        return False
    if isinstance(test, AsPrintedTest):
        return any(name in records.profiles or records.counted(name) for name in networks(test))
    known = records.is_measured if counts(test) else records.seeds
    return any(all(map(known, pair.members)) for pair in pairs(test))
