"""Read a YAML file of settings; tell what is wrong with it by file, line and key."""

import difflib
import json
import re
from collections.abc import Collection, Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import ValidationError

from cxv.config.strict_model import Name, StrictModel
from cxv.config.yaml_size import TooLargeError, read_limited, refuse_many_values
from cxv.errors import UserError

Key = tuple[str | int, ...]
Fault = tuple[Key, str]
PATTERN: str = get_args(Name)[1].pattern  # of a name

CORE = {
    "null": r"~|null|Null|NULL|",
    "bool": r"true|True|TRUE|false|False|FALSE",
    "int": r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+",
    "float": r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?",
    "merge": r"<<",
}
"""What an unquoted word may be but text, the first that fits: YAML 1.2, as DVC reads it."""


MOST_NESTED = 20_000
"""Levels that libyaml can read for sure; at some 100,000 it overruns its stack."""


MOST_DIGITS = 1000
"""Of a whole number; Python reads four times as many, and says so in its own words."""


class _Loader(yaml.CSafeLoader):
    """YAML 1.2, where ``1e-3`` is a number, ``010`` is ten, and ``no`` and ``1:30`` are text.

    By libyaml, about six times as fast as by Python.
    """


class _DeepLoader(yaml.SafeLoader):
    """The same by Python, which refuses what is nested too deeply."""


def _integer(_: _Loader | _DeepLoader, node: yaml.ScalarNode) -> int:
    if len(node.value) > MOST_DIGITS:
        line = node.start_mark.line + 1
        raise TooLargeError(f"line {line} holds a number of more than {MOST_DIGITS} digits")
    return int(node.value, {"0o": 8, "0x": 16}.get(node.value[:2], 10))


for _kind in (_Loader, _DeepLoader):
    _kind.yaml_implicit_resolvers = {
        None: [
            (f"tag:yaml.org,2002:{tag}", re.compile(rf"(?:{pattern})\Z"))
            for tag, pattern in CORE.items()
        ]
    }
    _kind.add_constructor("tag:yaml.org,2002:int", _integer)


def _loader(text: str) -> _Loader | _DeepLoader:
    levels = sum(map(text.count, "[{-?"))  # at most
    return (_Loader if levels < MOST_NESTED else _DeepLoader)(text)


def read(path: Path, error: type[UserError]) -> tuple[Any, dict[Key, int], list[Fault]]:
    """Return what the file holds, the line of every key, and the keys that stand twice.

    Raises:
        error: it is no YAML, or cannot be read at all.
    """
    lines: dict[Key, int] = {}
    try:
        loader = _loader(read_limited(path))
        tree = loader.get_single_node()
        if tree is None:
            raise error(f"{path}: is empty")
        refuse_many_values(tree)
        twice = list(_index(tree, (), lines))  # before the tree is flattened into data
        return loader.construct_document(tree), lines, twice
    except TooLargeError as problem:
        raise error(f"{path}: {problem}") from problem
    except OSError as problem:
        raise error(f"{path}: {problem.strerror}") from problem
    except UnicodeDecodeError as problem:
        message = f"{path}: is not UTF-8: {problem.reason} at byte {problem.start}"
        raise error(message) from problem
    except (yaml.YAMLError, ValueError) as problem:  # ValueError: not what its !!tag says
        raise error(f"{path}: not YAML: {problem}") from problem
    except RecursionError as problem:
        raise error(f"{path}: is nested too deeply, or an anchor holds itself") from problem


def _index(node: yaml.Node, key: Key, lines: dict[Key, int]) -> Iterator[Fault]:
    """Note the line of every key; yield duplicate keys, since YAML keeps only one."""
    lines.setdefault(key, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            if not isinstance(name, yaml.ScalarNode):
                continue  # no key of a dict: making one of the tree refuses it
            child = (*key, name.value)
            if child in lines:
                yield child, f"duplicate key; the first is on line {lines[child]}"
                lines[child] = name.start_mark.line + 1
            else:
                lines[child] = name.start_mark.line + 1
                yield from _index(value, child, lines)
    if isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from _index(value, (*key, index), lines)


def format_faults(path: Path, lines: dict[Key, int], faults: Iterable[Fault]) -> str:
    """Return one line per fault: file, line of the innermost existing key, key, fault."""
    return "\n".join(_format_fault(path, lines, key, fault) for key, fault in faults)


def _format_fault(path: Path, lines: dict[Key, int], key: Key, fault: str) -> str:
    known = next(key[:end] for end in range(len(key), -1, -1) if key[:end] in lines)
    place = ".".join(_shortened(str(part)) for part in key)
    return f"{path}:{lines[known]}: {place or 'the file'}: {fault}"


def faults(kind: type[StrictModel], data: Any, tags: Collection[str] = ()) -> Iterator[Fault]:
    """Yield what has the wrong key, type or range.

    Args:
        kind: what the file should be.
        data: what it holds.
        tags: values by which pydantic tells the members of a union; it puts them among the keys.
    """
    try:
        kind.model_validate_json(json.dumps(data))
    except ValidationError as error:
        found = error.errors(include_url=False)
        keys = {(*fault["loc"][:-1], "name") for fault in found if fault["loc"][-1:] == ("[key]",)}
        # Where a fault has others inside, these are shown alone; a name is its entry's key, which
        # has its own fault.
        hidden = keys | {fault["loc"][:end] for fault in found for end in range(len(fault["loc"]))}
        shown = [fault for fault in found if fault["loc"] not in hidden]
        for _, group in groupby(shown, lambda fault: _of_union(fault["loc"], data) or fault["loc"]):
            first, *others = group
            place = _of_union(first["loc"], data)
            if place is None:
                yield _place(first, data, tags), _meant(kind, first)
                continue
            wanted = [fault["msg"].removeprefix(SHOULD_BE) for fault in (first, *others)]
            yield place, f"{SHOULD_BE}{' or '.join(wanted)}, not {_shortened(repr(first['input']))}"
    except TypeError:  # !!set, !!binary: YAML has more types than JSON
        yield (), "holds a value of no use here: settings are numbers, text, lists and keys"


def _place(fault: Any, data: Any, tags: Collection[str]) -> Key:
    """Return the key of a fault: a tag among its parts is one only where the file has it as key."""
    place: list[str | int] = []
    *outer, last = fault["loc"] or ("[key]",)
    for part in outer:
        if _holds(data, part) or part not in tags:
            place.append(part)
            data = data[part] if _holds(data, part) else None
    is_key = fault["type"] == "missing" or last not in tags or _holds(data, last)
    return (*place, last) if is_key and last != "[key]" else tuple(place)


def _holds(data: Any, part: str | int) -> bool:
    known = data if isinstance(data, dict) else range(len(data) if isinstance(data, list) else 0)
    return part in known


def _of_union(place: Key, data: Any) -> Key | None:
    """Return the key of a value that no member of a union takes; pydantic names each of them."""
    for end, part in enumerate(place):
        has_parts = isinstance(data, dict | list)
        if not has_parts:
            return place[:end]
        if not _holds(data, part):
            return None
        data = data[part]
    return None


def _shortened(text: str) -> str:
    return text if len(text) <= MOST_LETTERS else f"{text[:MOST_LETTERS]}..."


MOST_LETTERS = 200
"""Of a value in a message."""

SHOULD_BE = "Input should be "

SAID = {
    "missing": "is missing",
    "too_short": "selects nothing: give at least one",
    "union_tag_not_found": "{discriminator} is missing: it tells which other keys there are",
    "union_tag_invalid": "no {tag!r} (known: {expected_tags})",
}
"""What is said of pydantic's kinds of faults; in braces, what it tells of one."""


def _meant(kind: type[StrictModel], fault: Any) -> str:
    if fault["type"] == "extra_forbidden":
        return not_allowed(kind, fault["loc"])
    if fault["type"] in SAID:
        return SAID[fault["type"]].format_map(fault.get("ctx", {}))
    if fault["type"] == "string_pattern_mismatch" and fault["ctx"]["pattern"] == PATTERN:
        return f"{fault['input']!r} is an invalid name: lower-case letters, digits and _"
    if fault["type"] in {"json_invalid", "value_error"}:  # the message says what was given
        return str(fault["msg"].removeprefix("Value error, "))
    return f"{fault['msg']}, not {_shortened(repr(fault['input']))}"


def not_allowed(kind: type[StrictModel], place: tuple[str | int, ...]) -> str:
    """Return what is said of a key that must not stand at ``place``."""
    return f"no such key here (allowed: {', '.join(_allowed(kind, place))})"


def _allowed(kind: type[StrictModel], place: tuple[str | int, ...]) -> list[str]:
    """Return the keys allowed at the level of ``place``."""
    schema = kind.model_json_schema()
    node = schema
    for part in place[:-1]:
        if "properties" in node:
            node = node["properties"][part]
        elif "discriminator" in node:
            node = {"$ref": node["discriminator"]["mapping"][part]}
        else:
            named = node.get("patternProperties", {}).values()
            node = node.get("items") or next(iter(named), None) or node["additionalProperties"]
        node = next((other for other in node.get("anyOf", ()) if "$ref" in other), node)
        if "$ref" in node:
            node = schema["$defs"][node["$ref"].rpartition("/")[2]]
    return sorted(set(node["properties"]) - {"name"})


def unknown(key: Key, kind: str, names: Iterable[str], known: Collection[str]) -> Iterator[Fault]:
    """Yield the names that stand for nothing, with the nearest that does."""
    for name in set(names) - set(known):
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        yield key, f"no {kind} {_shortened(repr(name))}{hint} (known: {', '.join(sorted(known))})"
