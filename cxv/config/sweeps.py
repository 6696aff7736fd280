"""Sweeps of ``params.yaml``: an entry with ``sweep`` stands for one entry a value.

``heads: {sweep: {mixer.heads: [2, 4]}}`` below ``variants`` is ``heads_2: {set: {mixer: {heads:
2}}}`` and ``heads_4: ...``. Several keys are varied together, each value of one with each of the
others; a list of sweeps is done one after another. What names the entry, a recipe or a list of a
study, names all that it stands for.
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from math import prod
from typing import Any

from cxv.config.faults import Fault, Key

BELOW: Mapping[str, tuple[str, ...]] = {"models": ("set",), "variants": ("set",), "phases": ()}
"""Sections that may be swept, and where in an entry a swept key is."""
LISTED = ("models", "variants", "recipes")
"""Lists of a study in which a name may stand for several."""
FORM = (
    "must be like {mixer.heads: [2, 4]}: for each key a list of values; or a list of such mappings,"
    " one after another; of at most 1,000 entries"
)
MOST_POINTS = 1000
"""Entries that a sweep may stand for: more is a slip of the keyboard."""

Families = dict[str, tuple[str, ...]]
"""By the name of a swept entry: the names that it stands for."""


@dataclass
class Expansion:
    """Settings in which no entry is swept; the lines of what was made; what is wrong."""

    data: Any
    lines: dict[Key, int]
    faults: list[Fault] = field(default_factory=list)
    families: dict[str, Families] = field(default_factory=dict)  # by section


def expand(data: Any, lines: Mapping[Key, int]) -> Expansion:
    """Return settings with each sweep written out.

    Args:
        data: as read from a file, of any form: what is no sweep is left for others to refuse.
        lines: of every key.
    """
    if not isinstance(data, dict):
        return Expansion(data, dict(lines))
    whole = Expansion(dict(data), dict(lines))
    families = whole.families
    families |= {section: _entries(whole, section) for section in BELOW}
    families["recipes"] = _recipes(whole, families["phases"])
    if isinstance(studies := data.get("studies"), dict):
        whole.data["studies"] = {key: _study(x, families) for key, x in studies.items()}
    return whole


def _entries(whole: Expansion, section: str) -> Families:
    """Write out the sweeps of a section."""
    entries, families, made = whole.data.get(section), Families(), dict[str, Any]()
    if not isinstance(entries, dict):
        return families
    for name, entry in entries.items():
        if not isinstance(entry, dict) or "sweep" not in entry:
            made[name] = entry
            continue
        key: Key = (section, name, "sweep")
        own_row = {"zoo": name} if section == "models" else {}  # as of a model without a sweep
        members = list(_members(name, own_row | entry, BELOW[section]))
        if not members:
            whole.faults.append((key, FORM))
        names = [member for member, _ in members]
        whole.faults += ((key, said) for said in _taken(names, {*made, *entries}))
        families[name] = tuple(names)
        made |= members
        _place(whole.lines, (section, name), ((section, member) for member in names))
    whole.data[section] = made
    return families


def _taken(names: list[str], others: Collection[str]) -> Iterator[str]:
    for name in dict.fromkeys(names):
        if name in others or names.count(name) > 1:
            yield f"makes {name!r} twice, or it is there already; rename one"


def _members(
    name: str, entry: Mapping[str, Any], below: tuple[str, ...]
) -> Iterator[tuple[str, Any]]:
    """Yield each entry that a swept one stands for, and its name; none if the form is wrong."""
    rest = {key: value for key, value in entry.items() if key != "sweep"}
    for suffix, point in _points(entry["sweep"]):
        member: Any = rest
        for key, value in point.items():
            member = _changed(member, (*below, *key.split(".")), value)
        yield f"{name}_{suffix}", member


def _points(sweep: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what a sweep sets, point by point, and how a point is called."""
    blocks = sweep if isinstance(sweep, list) else [sweep]
    if not all(isinstance(block, dict) and block for block in blocks):
        return
    if not all(isinstance(x, list) and x for block in blocks for x in block.values()):
        return
    if sum(prod(map(len, block.values())) for block in blocks) > MOST_POINTS:
        return
    several = sum(map(len, blocks)) > 1  # keys: a point is called after them too
    for block in blocks:
        for values in product(*block.values()):
            point = dict(zip(map(str, block), values, strict=True))
            yield "_".join(_word(*item, several=several) for item in point.items()), point


def _word(key: str, value: Any, *, several: bool) -> str:
    """Return ``0_001`` of 0.001; where several keys are swept, ``lr_0_001``."""
    plain = json.dumps(value).lower().replace("-", " minus ")
    word = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
    return f"{key.rpartition('.')[2]}_{word}" if several else word


def _changed(entry: Any, path: tuple[str, ...], value: Any) -> Any:
    """Return an entry with another value at a path; mappings on the way are made."""
    if not path:
        return value
    known = entry if isinstance(entry, dict) else {}
    return known | {path[0]: _changed(known.get(path[0]), path[1:], value)}


def _place(lines: dict[Key, int], family: Key, members: Iterable[Key]) -> None:
    """Give what was made the lines of what it was made of."""
    inside = {key[2:]: line for key, line in lines.items() if key[:2] == family}
    for member in members:
        lines |= {(*member, *rest): line for rest, line in inside.items()}


def _recipes(whole: Expansion, phases: Families) -> Families:
    """Write out the recipes of swept phases, each phase with each of the others."""
    recipes, families, made = whole.data.get("recipes"), Families(), dict[str, Any]()
    if not isinstance(recipes, dict):
        return families
    for name, chain in recipes.items():
        if not isinstance(chain, list) or not any(_is_of(phases, phase) for phase in chain):
            made[name] = chain
            continue
        choices = [phases[x] if _is_of(phases, x) else (x,) for x in chain]
        swept = [number for number, phase in enumerate(chain) if _is_of(phases, phase)]
        members = {}
        for phase_names in product(*choices):
            words = [phase_names[n].removeprefix(f"{chain[n]}_") for n in swept]
            members["_".join([name, *words])] = list(phase_names)
        taken = _taken(list(members), {*made, *recipes})
        whole.faults += ((("recipes", name), said) for said in taken)
        families[name] = tuple(members)
        made |= members
        _place(whole.lines, ("recipes", name), (("recipes", member) for member in members))
    whole.data["recipes"] = made
    return families


def _is_of(families: Families, name: Any) -> bool:
    return isinstance(name, str) and name in families


def _study(study: Any, families: Mapping[str, Families]) -> Any:
    """Return a study in which no name stands for several."""
    if not isinstance(study, dict):
        return study
    parts = {part: study[part] for part in ("runs", "measured") if part in study}
    return study | {
        part: [_block(block, families) for block in blocks] if isinstance(blocks, list) else blocks
        for part, blocks in parts.items()
    }


def _block(block: Any, families: Mapping[str, Families]) -> Any:
    if not isinstance(block, dict):
        return block
    lists = {key: block[key] for key in LISTED if isinstance(block.get(key), list)}
    return block | {
        key: [
            name
            for listed in names
            for name in (families[key][listed] if _is_of(families[key], listed) else (listed,))
        ]
        for key, names in lists.items()
    }
