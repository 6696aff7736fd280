"""Read ``params.yaml`` once; say what is wrong with it before any job starts."""

import difflib
import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from cxv.augment.settings import ENTRIES
from cxv.errors import UserError
from cxv.grid import ALL, Params, reserved
from cxv.zoo import ABLATIONS, ZOO

Key = tuple[str | int, ...]
Fault = tuple[Key, str]


class ParamsError(UserError):
    """``params.yaml`` cannot be used; the message holds a line for each fault."""


CORE = {
    "null": r"~|null|Null|NULL|",
    "bool": r"true|True|TRUE|false|False|FALSE",
    "int": r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+",
    "float": r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?",
    "merge": r"<<",
}
"""What an unquoted word may be but text, the first that fits: YAML 1.2, as DVC reads it."""


class _Loader(yaml.SafeLoader):
    """YAML 1.2, where ``1e-3`` is a number, ``010`` is ten, and ``no`` and ``1:30`` are text."""


def _integer(_: yaml.SafeLoader, node: yaml.ScalarNode) -> int:
    return int(node.value, {"0o": 8, "0x": 16}.get(node.value[:2], 10))


_Loader.yaml_implicit_resolvers = {
    None: [
        (f"tag:yaml.org,2002:{tag}", re.compile(rf"(?:{pattern})\Z"))
        for tag, pattern in CORE.items()
    ]
}
_Loader.add_constructor("tag:yaml.org,2002:int", _integer)


def load(path: Path, also: Callable[[Params], Iterable[Fault]] = lambda _: ()) -> Params:
    """Return the settings of ``path``.

    Args:
        path: of ``params.yaml``.
        also: further faults to look for, such as ``cxv.check.faults``.

    Raises:
        ParamsError: one line a fault: file, line, key, what is wrong, what is allowed.
    """
    data, lines, faults = _read(path)
    faults = faults or [*_renamed(data), *_faults(_named(data))]
    if not faults:
        params = Params.model_validate_json(json.dumps(_named(data)))
        faults = list(_references(params)) or list(also(params))
    if faults:
        raise ParamsError("\n".join(_told(path, lines, key, fault) for key, fault in faults))
    return params


def _read(path: Path) -> tuple[Any, dict[Key, int], list[Fault]]:
    """Return what the file holds, the line of every key, and the keys that stand twice."""
    lines: dict[Key, int] = {}
    try:
        text = path.read_text("utf-8")
        tree = yaml.compose(text, Loader=_Loader)
        if tree is None:
            raise ParamsError(f"{path}: is empty")
        data = yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader
        return data, lines, list(_index(tree, (), lines))
    except OSError as error:
        raise ParamsError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ParamsError(f"{path}: is not UTF-8: {error.reason} at byte {error.start}") from error
    except (yaml.YAMLError, ValueError) as error:  # ValueError: not what its !!tag says
        raise ParamsError(f"{path}: not YAML: {error}") from error
    except RecursionError as error:
        raise ParamsError(f"{path}: is nested too deeply, or an anchor holds itself") from error


def _index(node: yaml.Node, key: Key, lines: dict[Key, int]) -> Iterator[Fault]:
    """Note the line of every key; yield the keys that stand twice, of which YAML keeps one."""
    lines.setdefault(key, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            child = (*key, name.value)
            if child in lines:
                yield child, f"stands twice; the first is on line {lines[child]}"
                lines[child] = name.start_mark.line + 1
            else:
                lines[child] = name.start_mark.line + 1
                yield from _index(value, child, lines)
    if isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from _index(value, (*key, index), lines)


def _sections(data: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the sections whose entries are named by their key."""
    for section in ("datasets", "models", "variants", "phases"):
        if isinstance(data, dict) and isinstance(data.get(section), dict):
            yield section, data[section]


def _named(data: Any) -> Any:
    """Give each entry its key as ``name``, and a model that names no row of the zoo its own."""
    if not isinstance(data, dict):
        return data
    named = dict(data)
    for section, entries in _sections(data):
        implied = ("name", "zoo") if section == "models" else ("name",)
        named[section] = {
            key: dict.fromkeys(implied, key) | entry if isinstance(entry, dict) else entry
            for key, entry in entries.items()
        }
    return named


def _renamed(data: Any) -> Iterator[Fault]:
    """Yield every ``name`` that an entry gives itself."""
    for section, entries in _sections(data):
        for key, entry in entries.items():
            if isinstance(entry, dict) and "name" in entry:
                yield (section, key, "name"), _not_allowed((section, key, "name"))


def _told(path: Path, lines: dict[Key, int], key: Key, fault: str) -> str:
    known = next(key[:end] for end in range(len(key), -1, -1) if key[:end] in lines)
    return f"{path}:{lines[known]}: {'.'.join(map(str, key)) or 'the file'}: {fault}"


def _faults(data: Any) -> Iterator[Fault]:
    """Yield what has the wrong key, type or range."""
    try:
        Params.model_validate_json(json.dumps(data))
    except ValidationError as error:
        found = error.errors(include_url=False)
        for fault in found:
            inner = any(other is not fault and other["loc"][:-1] == fault["loc"] for other in found)
            if not inner:  # else what is wrong inside it is told
                yield _shown(fault["loc"]), _meant(fault)
    except TypeError as error:  # !!set, !!binary: YAML has more types than JSON
        yield (), f"holds a value of no use here: {error}"


def _shown(place: tuple[str | int, ...]) -> Key:
    """Leave out the tags that pydantic puts between the keys of a user."""
    return tuple(part for part in place if part not in {"[key]", *ENTRIES})


def _meant(fault: Any) -> str:
    if fault["type"] == "extra_forbidden":
        return _not_allowed(fault["loc"])
    if fault["type"] == "missing":
        return "is missing"
    if fault["type"] == "too_short":
        return "selects nothing: give at least one"
    if fault["type"] == "string_pattern_mismatch":
        return f"{fault['input']!r} is no name: lower-case letters, digits and _"
    if fault["type"] in {"json_invalid", "value_error"}:  # the message says what was given
        return str(fault["msg"].removeprefix("Value error, "))
    return f"{fault['msg']}, not {fault['input']!r}"


def _not_allowed(place: tuple[str | int, ...]) -> str:
    return f"no such key here (allowed: {', '.join(_allowed(place))})"


def _allowed(place: tuple[str | int, ...]) -> list[str]:
    """Return the keys that may stand beside the one at ``place``."""
    schema = Params.model_json_schema()
    node = schema
    for part in place[:-1]:
        if "properties" in node:
            node = node["properties"][part]
        elif "discriminator" in node:
            node = {"$ref": node["discriminator"]["mapping"][part]}
        else:
            node = node.get("items") or next(iter(node["patternProperties"].values()))
        node = next((kind for kind in node.get("anyOf", ()) if "$ref" in kind), node)
        if "$ref" in node:
            node = schema["$defs"][node["$ref"].rpartition("/")[2]]
    return sorted(set(node["properties"]) - {"name"})


def _references(params: Params) -> Iterator[Fault]:
    """Yield every name that stands for nothing, or for something else already."""
    taken = reserved(params.studies)
    for name in taken & params.studies.keys():
        yield ("studies", name), f"names another target (reserved: {', '.join(sorted(taken))})"
    yield from _unknown(("study",), "study", [params.study], {*params.studies, ALL})
    for name, model in params.models.items():
        yield from _unknown(("models", name), "model in cxv/zoo.py", [model.zoo], ZOO)
    for name, variant in params.variants.items():
        yield from _unknown(("variants", name, "edits"), "edit", variant.edits, ABLATIONS)
    for name, chain in params.recipes.items():
        yield from _unknown(("recipes", name), "phase", chain, params.phases)
    for name, study in params.studies.items():
        for number, block in enumerate(study.runs):
            key = ("studies", name, "runs", number)
            yield from _unknown((*key, "datasets"), "dataset", block.datasets, params.datasets)
            yield from _unknown((*key, "models"), "model", block.models, params.models)
            yield from _unknown((*key, "variants"), "variant", block.variants, params.variants)
            yield from _unknown((*key, "recipes"), "recipe", block.recipes, params.recipes)


def _unknown(key: Key, kind: str, names: Iterable[str], known: Collection[str]) -> Iterator[Fault]:
    for name in set(names) - set(known):
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        yield key, f"no {kind} {name!r}{hint} (known: {', '.join(sorted(known))})"
