"""How large a YAML file is, its aliases written out: ten lines can stand for a billion values."""

from itertools import chain
from pathlib import Path

import yaml

MOST_BYTES = 2_000_000
"""Of a file; the settings of the paper's studies have a hundredth of it."""

MOST_VALUES = 200_000
"""Keys, values and lists, each as often as aliases repeat it."""


class TooLargeError(ValueError):
    """Nobody typed as much; the message says what is allowed."""


def read_limited(path: Path) -> str:
    """Return the text of a file.

    Raises:
        OSError: it cannot be read.
        UnicodeDecodeError: it is not UTF-8.
        TooLargeError: it is larger than settings are.
    """
    with path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise TooLargeError(f"holds more than {MOST_BYTES:,} bytes; settings have at most as many")
    return content.decode("utf-8")


def refuse_many_values(tree: yaml.Node) -> None:
    """Refuse what would take long to read.

    Raises:
        TooLargeError: aliases and all, there are too many values.
        RecursionError: an anchor holds itself.
    """
    values = _count(tree, {})
    if values > MOST_VALUES:
        raise TooLargeError(
            f"holds {values:,} values with its aliases written out; settings have at most"
            f" {MOST_VALUES:,}"
        )


def _count(node: yaml.Node, known: dict[int, int]) -> int:
    """Count a node and all in it; one that aliases repeat is gone through once."""
    if isinstance(node, yaml.ScalarNode):
        return 1
    if id(node) not in known:
        is_mapping = isinstance(node, yaml.MappingNode)
        parts = chain.from_iterable(node.value) if is_mapping else node.value
        known[id(node)] = 1 + sum(_count(part, known) for part in parts)
    return known[id(node)]
