"""What is wrong with the settings of a file or a job, by key."""

import json
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from itertools import groupby
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from cxv import wrong_values
from cxv.config.strict_model import StrictModel

Key = tuple[str | int, ...]
Fault = tuple[Key, str]

MOST_FAULTS = 3
"""Of a job's settings or a record, which nobody writes by hand."""


def faults(kind: type[StrictModel], data: Any) -> Iterator[Fault]:
    """Yield what has the wrong key, type or range.

    Args:
        kind: what the file should be.
        data: what it holds.
    """
    try:
        text = json.dumps(data)
        kind.model_validate_json(text)
    except ValidationError as error:
        yield from _explained(kind, error, json.loads(text))
    except TypeError:  # !!set, !!binary: YAML has more types than JSON
        yield (), "holds a value of no use here: settings are numbers, text, lists and keys"


def in_words(error: ValidationError, text: str) -> str:
    """Return the first faults of a JSON text that was refused, each with its key.

    Args:
        error: what pydantic says.
        text: what was read.
    """
    try:
        data = json.loads(text)
    except (TypeError, ValueError):
        data = None
    found = [
        f"{'.'.join(map(str, key)) or 'the text'}: {said}"
        for key, said in _explained(None, error, data)
    ]
    more = f"; {len(found) - MOST_FAULTS} more" * (len(found) > MOST_FAULTS)
    return "; ".join(found[:MOST_FAULTS]) + more


def _explained(
    kind: type[StrictModel] | None, error: ValidationError, data: Any
) -> Iterator[Fault]:
    """Yield one fault for each key; of a union, pydantic has one for each of its members."""
    found = error.errors(include_url=False)
    keys = {(*fault["loc"][:-1], "name") for fault in found if fault["loc"][-1:] == ("[key]",)}
    # Where a fault has others inside, these are shown alone; a name is its entry's key, which
    # has its own fault.
    hidden = keys | {fault["loc"][:end] for fault in found for end in range(len(fault["loc"]))}
    left = [fault for fault in found if fault["loc"] not in hidden]
    for place, group in groupby(left, lambda fault: _place(fault, data)):
        of_place = list(group)
        if kind and of_place[0]["type"] == "extra_forbidden":
            yield place, not_allowed(kind, of_place[0]["loc"])
        else:
            yield place, wrong_values.said_of(*of_place)


def _place(fault: ErrorDetails, data: Any) -> Key:
    """Return the key of a fault: pydantic puts the names of a union's members among its parts."""
    place: list[str | int] = []
    for part in fault["loc"]:
        if _holds(data, part):
            place.append(part)
            data = data[part]
    return (*place, fault["loc"][-1]) if fault["type"] == "missing" else tuple(place)


def _holds(data: Any, part: str | int) -> bool:
    known = data if isinstance(data, dict) else range(len(data) if isinstance(data, list) else 0)
    return part in known


def not_allowed(kind: type[StrictModel], place: Key) -> str:
    """Return what is said of a key that must not stand at ``place``."""
    return f"no such key here (allowed: {', '.join(_allowed(kind, place))})"


@cache
def _schema(kind: type[StrictModel]) -> dict[str, Any]:
    return kind.model_json_schema()


def _allowed(kind: type[StrictModel], place: Key) -> list[str]:
    """Return the keys allowed at the level of ``place``."""
    schema = _schema(kind)
    node = _resolved(schema, schema)
    for part in place[:-1]:
        if "properties" in node:
            node = node["properties"][part]
        elif "discriminator" in node:
            node = {"$ref": node["discriminator"]["mapping"][part]}
        else:  # a list; a dict, whose keys may have to be names
            named = [*node.get("patternProperties", {}).values()]
            node = node.get("items") or node.get("additionalProperties") or named[0]
        node = _resolved(schema, node)
    return sorted(set(node["properties"]) - {"name"})


def _resolved(schema: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    """Return what a node of a schema refers to, itself or as a member that is not null."""
    node = next((other for other in node.get("anyOf", ()) if "$ref" in other), node)
    return schema["$defs"][node["$ref"].rpartition("/")[2]] if "$ref" in node else node


def unknown(key: Key, kind: str, names: Iterable[str], known: Collection[str]) -> Iterator[Fault]:
    """Yield the names that stand for nothing, with the nearest that does."""
    for name in set(names) - set(known):
        hint = wrong_values.nearest(name, known)
        listed = ", ".join(sorted(known))
        yield key, f"no {kind} {wrong_values.shown(name)}{hint} (known: {listed})"
