"""Values near a given one, and damaged bytes, for hypothesis to draw."""

from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from hypothesis import strategies as st

ODD: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 2.5, 1e-300, 1e300, 10**30, float("inf"), float("nan")),
    *("", "x", "auto", "n" * 300, "[1]", "1e400", "\N{SNOWMAN}", "a\0b", "../up", "_", "<b>|*"),
    *([], {}, [None], [[]], [0, 0], {"name": "x"}, {"name": ["flip"]}, {"": 1}),
)
"""What stands somewhere by a slip, or by somebody who wants to see what happens."""

MOST_DAMAGES = 4
"""Of one file: where all is damaged, the first check refuses it."""

Draw = Callable[[st.SearchStrategy[Any]], Any]


@st.composite
def around(draw: Draw, value: Any, odds: int = 8) -> Any:
    """Return a value of the same form with other numbers.

    Args:
        draw: of hypothesis.
        value: a sound one, of mappings, lists and plain values.
        odds: one number in so many is another one.
    """
    match value:
        case dict():
            return {key: draw(around(inner, odds)) for key, inner in value.items()}
        case list() | tuple():
            return [draw(around(inner, odds)) for inner in value]
        case int() | float() if draw(st.integers(1, odds)) == odds:
            return draw(st.sampled_from(_others(value)))
        case _:
            return value


def _others(value: float) -> tuple[Any, ...]:
    if isinstance(value, bool):
        return (not value,)
    return (
        (value + 1, 2 * value, 1, 2)
        if isinstance(value, int)
        else (value / 2, 1.5 * value, 0.9, 0.1, 1.0)
    )


@st.composite
def edited(draw: Draw, tree: Any) -> Any:
    """Return a tree with one value odd, left out, moved from elsewhere, or under another key."""
    found = places(tree)
    if not found:
        return draw(st.sampled_from(ODD))
    path, key = draw(st.sampled_from(found))
    holder = _at(tree, path)
    match draw(st.sampled_from(("odd", "odd", "moved", "left out", "more"))):
        case "odd":
            return _with(tree, (*path, key), draw(st.sampled_from(ODD)))
        case "moved":
            other, place = draw(st.sampled_from(found))
            return _with(tree, (*path, key), _at(tree, other)[place])
        case "left out" if isinstance(holder, dict):
            return _with(tree, path, {name: x for name, x in holder.items() if name != key})
        case "more" if isinstance(holder, dict):
            name = draw(st.sampled_from(("augment", "schedule", "mix", "set", "zoo", "sweep", "x")))
            return _with(tree, (*path, name), draw(st.sampled_from(ODD)))
        case _:
            return _with(tree, path, [*holder, holder[key]] if isinstance(holder, list) else {})


def places(tree: Any, path: tuple[Any, ...] = ()) -> list[tuple[tuple[Any, ...], Any]]:
    """Return the path of each container with each of its keys."""
    keys = list(tree) if isinstance(tree, dict) else range(len(tree))
    inner = [key for key in keys if isinstance(tree[key], dict | list)]
    return [
        *((path, key) for key in keys),
        *(place for key in inner for place in places(tree[key], (*path, key))),
    ]


def _at(tree: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        tree = tree[key]
    return tree


def _with(tree: Any, path: tuple[Any, ...], value: Any) -> Any:
    """Return a copy with one value in its place."""
    if not path:
        return value
    key, *rest = path
    copy = dict(tree) if isinstance(tree, Mapping) else list(tree)
    copy[key] = _with(tree[key], tuple(rest), value) if rest else value
    return copy


SEEDS = st.integers(0, 2**32 - 1)


def damaged(content: bytes) -> st.SearchStrategy[bytes]:
    """Return a strategy of damaged bytes, by ``damage``."""
    return SEEDS.map(lambda seed: damage(content, Random(seed)))


def damage(content: bytes, draws: Random) -> bytes:
    """Return bytes with bits flipped, and parts cut out, repeated or made up."""
    for _ in range(draws.randint(0, MOST_DAMAGES)):
        first = draws.randint(0, len(content))
        end = min(len(content), first + draws.choice((1, 1, 2, 4, 16, 1000)))
        match draws.choice(("flip", "flip", "flip", "cut", "end", "repeat", "made up")):
            case "flip" if first < len(content):
                bit = bytes([content[first] ^ (1 << draws.randrange(8))])
                content = content[:first] + bit + content[first + 1 :]
            case "cut":
                content = content[:first] + content[end:]
            case "end":
                content = content[:first]
            case "repeat":
                content = content[:end] + content[first:]
            case _:
                made_up = draws.choice((b"\0" * 8, b"\xff" * 8, b"\n", b"-1", b"9" * 400))
                content = content[:first] + made_up + content[end:]
    return content
