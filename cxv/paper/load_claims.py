"""Read the claims and the printed numbers; say what is wrong with either."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from cxv.config.faults import Fault, Key, faults, unknown
from cxv.config.yaml_file import read
from cxv.paper import names
from cxv.paper.claim_spec import Claim, ClaimsFile, InconsistenciesFile, Inconsistency
from cxv.paper.claims_from_printed_numbers import PrintedResult, find, judge
from cxv.paper.description import Description, load_description
from cxv.paper.paper_spec import Defaults
from cxv.paper.printed_check_spec import Check
from cxv.paper.printed_tables import Printed
from cxv.paper.strict_file import PaperError, load_file, refuse
from cxv.paper.tolerances import Tolerances, TolerancesFile


@dataclass(frozen=True, slots=True)
class Paper:
    """The paper as it judges itself: numbers, claims, inconsistencies, tolerances."""

    description: Description
    printed: Printed
    sections: Mapping[str, str]  # where a claim first stands -> its heading
    claims: Mapping[str, Claim]
    inconsistencies: Mapping[str, Inconsistency]
    tolerances: Tolerances
    judgements: Mapping[str, PrintedResult]  # of every claim
    shown: Mapping[str, PrintedResult]  # of every inconsistency: holds, where numbers show it


def load_paper(folder: Path) -> Paper:
    """Return what a paper's folder holds, and what printed numbers say of it.

    It may lack ``claims.yaml`` and ``inconsistencies.yaml``.

    Raises:
        UserError: a line for each fault: file, line, key, what is wrong, what is allowed.
    """
    description = load_description(folder)
    tolerances = load_tolerances(folder / "tolerances.yaml")
    claims, lines = _load_claims(folder / "claims.yaml", description.file.about)
    printed = Printed(description.cells, description.file, claims.groups)
    refuse(folder / "tolerances.yaml", {(): 1}, _untolerated(printed, tolerances))
    if wrong := list(_unfitted(printed)):
        path = folder / "paper.yaml"
        refuse(path, read(path, PaperError)[1], wrong)
    wrong = [*_parts(claims.claims, "claims", printed), *_sectionless(claims)]
    wrong = wrong or list(names.faults(description, claims.claims))
    refuse(folder / "claims.yaml", lines, wrong)
    others, lines = _load_inconsistencies(folder / "inconsistencies.yaml")
    wrong = list(_parts(others.inconsistencies, "inconsistencies", printed))
    wrong += _touched(others.inconsistencies, claims.claims, printed)
    refuse(folder / "inconsistencies.yaml", lines, wrong)
    return Paper(
        description=description,
        printed=printed,
        sections=claims.sections,
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
    said, _ = load_file(path, TolerancesFile)
    checksum = {"sha256": sha256(path.read_bytes()).hexdigest()}
    return Tolerances.model_validate(said.model_dump(by_alias=True) | checksum)


def _load_claims(path: Path, usual: Defaults) -> tuple[ClaimsFile, dict[Key, int]]:
    if not path.exists():
        return ClaimsFile(sections={}, groups={}, claims={}), {(): 1}
    data, lines, twice = read(path, PaperError)
    _fill_in(data, usual)
    refuse(path, lines, twice or faults(ClaimsFile, data))
    return ClaimsFile.model_validate_json(json.dumps(data)), lines


def _load_inconsistencies(path: Path) -> tuple[InconsistenciesFile, dict[Key, int]]:
    if not path.exists():
        return InconsistenciesFile(inconsistencies={}), {(): 1}
    return load_file(path, InconsistenciesFile)


def _fill_in(data: Any, usual: Defaults) -> None:
    """Add what tests and their sides leave out: dataset, variant, recipe."""
    children = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    for child in children:
        _fill_in(child, usual)
    if not isinstance(data, dict):
        return
    if {"datasets", "models"} <= data.keys():
        data.setdefault("variants", [usual.variant])
        data.setdefault("recipes", [usual.recipe])
    if data.get("rule") == "as_printed":
        data.setdefault("dataset", usual.dataset)
        data.setdefault("variants", [usual.variant])


def _untolerated(printed: Printed, tolerances: Tolerances) -> Iterator[Fault]:
    """Yield the printed numbers for which nothing says how near is near enough."""
    tops = {cell.of.dataset for cell in printed.cells.values() if cell.is_top1}
    yield from unknown(("top1",), "tolerance of dataset", tops, tolerances.top1)


def _unfitted(printed: Printed) -> Iterator[Fault]:
    """Yield what ``fitted`` of ``paper.yaml`` points at that is no printed number."""
    for cells in printed.paper.fitted:
        yield from _selected(("fitted", cells), cells, printed)


def _sectionless(claims: ClaimsFile) -> Iterator[Fault]:
    for id, claim in claims.claims.items():
        yield from unknown(("claims", id, "section"), "section", [claim.first], claims.sections)


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


def _touched(
    entries: Mapping[str, Inconsistency], claims: Mapping[str, Claim], printed: Printed
) -> list[Fault]:
    """Return what an inconsistency touches that is neither a claim nor a printed number."""
    found: list[Fault] = []
    for id, entry in entries.items():
        key = ("inconsistencies", id, "touches")
        for name in entry.touches:
            if name.partition(".")[0] in printed.paper.tables:
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
