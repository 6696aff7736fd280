"""The names by which claims ask for runs, against those that the paper's folder defines."""

from collections.abc import Iterator, Mapping
from itertools import chain, product

from cxv.config.faults import Fault, unknown
from cxv.paper.claim_spec import Claim
from cxv.paper.claim_tests import AsPrintedTest, Runs, Test, joined
from cxv.paper.costs import printed_count
from cxv.paper.description import Description
from cxv.paper.selection import networks

SECTIONS = ("datasets", "models", "variants", "recipes")


def faults(description: Description, claims: Mapping[str, Claim]) -> Iterator[Fault]:
    """Yield every name of a test that ``means.yaml`` lacks, unless the test says so itself.

    A name that a test calls missing, and is there by now, is a fault too.
    """
    known = {section: getattr(description.means, section).keys() for section in SECTIONS}
    printed = {cell.column for cell in description.cells if cell.is_count}
    for id, claim in claims.items():
        for number, test in enumerate(claim.tests):
            key = ("claims", id, "tests", number)
            for section, names in known.items():
                missing = {one.removeprefix(f"{section}.") for one in test.missing}
                for name in sorted(missing & names):
                    yield (*key, "missing"), f"means.yaml has {section}.{name} by now"
                yield from unknown(key, section.rstrip("s"), named(test, section) - missing, names)
            if isinstance(test, AsPrintedTest):
                yield from unknown((*key, "columns"), "column of counts", test.columns, printed)
                for network, column in product(networks(test), set(test.columns) & printed):
                    if printed_count(description.cells, network, column) is None:
                        yield (*key, "models"), f"no {column} of {network} is printed"


def named(test: Test, section: str) -> set[str]:
    """Return the names of a section of ``means.yaml`` that a test asks for."""
    if isinstance(test, AsPrintedTest):
        return {*getattr(test, section, ())}
    sides = (getattr(test, side, None) for side in ("left", "right"))
    blocks = chain.from_iterable(joined(side) for side in sides if isinstance(side, Runs))
    return {*chain.from_iterable(getattr(block, section) for block in blocks)}
