"""Read the claims and the printed numbers; say what is wrong with either."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

from cxv.config.strict_model import StrictModel
from cxv.config.yaml_file import Fault, Key, faults, format_faults, read, unknown
from cxv.errors import UserError
from cxv.paper.claim_spec import Claim, ClaimsFile, InconsistenciesFile, Inconsistency
from cxv.paper.claim_tests import RULES, NumberTest, RatioTest
from cxv.paper.printed_check_spec import CHECKS, Check
from cxv.paper.printed_checks import Judgement, find, judge
from cxv.paper.printed_tables import Printed, load_printed
from cxv.paper.tolerances import Tolerances, TolerancesFile

T = TypeVar("T", bound=StrictModel)
TAGS = CHECKS | RULES.keys()


class ClaimsError(UserError):
    """A file of ``data/paper`` cannot be used; the message holds a line for each fault."""


@dataclass(frozen=True, slots=True)
class Paper:
    """The paper as it judges itself: numbers, claims, inconsistencies, tolerances."""

    printed: Printed
    claims: Mapping[str, Claim]
    inconsistencies: Mapping[str, Inconsistency]
    tolerances: Tolerances
    judgements: Mapping[str, Judgement]  # of every claim
    shown: Mapping[str, Judgement]  # of every inconsistency: holds, where numbers show it


def load_paper(
    folder: Path, also: Callable[[Mapping[str, Claim]], Iterable[Fault]] = lambda _: ()
) -> Paper:
    """Return what ``data/paper`` holds, and what printed numbers say of it.

    Args:
        folder: with ``claims.yaml``, ``inconsistencies.yaml``, ``tolerances.yaml`` and the tables.
        also: further faults of the claims to look for, such as ``cxv.paper.names.faults``.

    Raises:
        UserError: a line for each fault: file, line, key, what is wrong, what is allowed.
    """
    tolerances = load_tolerances(folder / "tolerances.yaml")
    claims, lines = _load(folder / "claims.yaml", ClaimsFile)
    printed = load_printed(folder, claims.groups)
    wrong = [*_parts(claims.claims, "claims", printed), *_keys(claims.claims, tolerances)]
    _refuse(folder / "claims.yaml", lines, wrong or also(claims.claims))
    others, lines = _load(folder / "inconsistencies.yaml", InconsistenciesFile)
    wrong = list(_parts(others.inconsistencies, "inconsistencies", printed))
    wrong += _touched(others.inconsistencies, claims.claims, printed)
    _refuse(folder / "inconsistencies.yaml", lines, wrong)
    return Paper(
        printed=printed,
        claims=claims.claims,
        inconsistencies=others.inconsistencies,
        tolerances=tolerances,
        judgements={id: judge(claim.parts, printed) for id, claim in claims.claims.items()},
        shown={id: judge(one.parts, printed) for id, one in others.inconsistencies.items()},
    )


def load_tolerances(path: Path) -> Tolerances:
    """Return what a file of tolerances says, with its checksum.

    Raises:
        UserError: a line for each fault.
    """
    said, _ = _load(path, TolerancesFile)
    checksum = {"sha256": sha256(path.read_bytes()).hexdigest()}
    return Tolerances.model_validate(said.model_dump(by_alias=True) | checksum)


def _load(path: Path, kind: type[T]) -> tuple[T, dict[Key, int]]:
    data, lines, twice = read(path, ClaimsError)
    _refuse(path, lines, twice or faults(kind, data, TAGS))
    return kind.model_validate_json(json.dumps(data)), lines


def _refuse(path: Path, lines: dict[Key, int], found: Iterable[Fault]) -> None:
    found = list(found)
    if found:
        raise ClaimsError(format_faults(path, lines, found))


def _parts(
    entries: Mapping[str, Claim] | Mapping[str, Inconsistency], section: str, printed: Printed
) -> Iterator[Fault]:
    """Yield the parts that point at no printed number."""
    for id, entry in entries.items():
        for number, part in enumerate(entry.parts):
            yield from _part((section, id, "parts", number), part, printed)


def _part(key: Key, part: Check, printed: Printed) -> Iterator[Fault]:
    try:
        find(part, printed)
    except ValueError as error:
        yield key, str(error)


def _keys(claims: Mapping[str, Claim], tolerances: Tolerances) -> Iterator[Fault]:
    """Yield the tolerances that stand for nothing."""
    for id, claim in claims.items():
        for number, test in enumerate(claim.tests):
            key = ("claims", id, "tests", number, "tolerance")
            if isinstance(test, NumberTest):
                yield from unknown(key, "tolerance", [test.tolerance], tolerances.num)
            if isinstance(test, RatioTest) and test.tolerance:
                yield from unknown(key, "tolerance", [test.tolerance], tolerances.ratio)


def _touched(
    entries: Mapping[str, Inconsistency], claims: Mapping[str, Claim], printed: Printed
) -> list[Fault]:
    """Return what an inconsistency touches that is neither a claim nor a printed number."""
    found: list[Fault] = []
    for id, entry in entries.items():
        key = ("inconsistencies", id, "touches")
        for name in entry.touches:
            if name.startswith("table"):
                found += _selected(key, name, printed)
            else:
                found += unknown(key, "claim", [name], claims)
    return found


def _selected(key: Key, selector: str, printed: Printed) -> Sequence[Fault]:
    try:
        printed.select(selector)
    except ValueError as error:
        return [(key, str(error))]
    return []
