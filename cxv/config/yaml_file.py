"""Read a YAML file of settings; tell what is wrong with it by file, line and key."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml

from cxv.config.faults import Fault, Key
from cxv.config.yaml_size import TooLargeError, read_limited, refuse_many_values
from cxv.errors import UserError
from cxv.wrong_values import shortened

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
    place = ".".join(shortened(str(part)) for part in key)
    return f"{path}:{lines[known]}: {place or 'the file'}: {fault}"
