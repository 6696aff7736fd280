"""Whatever is written in place of a value, settings are read or refused by file and key."""

import random
import re
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import samples
import yaml

from cxv.config.load import ParamsError, load

SETTINGS: dict[str, Any] = yaml.safe_load(samples.GRID)
VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 2.5, 1e-300, 10**30, float("inf"), float("nan")),
    *("", "x", "auto", "n" * 300, "[1]", "1e400", "\N{SNOWMAN}", "a\0b", "../up", "_"),
    *([], {}, [None], [[]], [0, 0], {"name": "x"}, {"name": ["flip"]}, {"": 1}),
)
EDITS = 400
LINE = re.compile(r"\S+params\.yaml(:\d+)?: .+")
LIBRARYS_OWN = ("Traceback", "pydantic", "discriminator", "constrained", "literal[", "NoneType")


def places(tree: Any) -> list[tuple[Any, Any]]:
    """Return each container with each of its keys, at any depth."""
    keys = list(tree) if isinstance(tree, dict) else range(len(tree))
    inner = [tree[key] for key in keys if isinstance(tree[key], dict | list)]
    return [*((tree, key) for key in keys), *(place for part in inner for place in places(part))]


def edited(draws: random.Random) -> dict[str, Any]:
    """Return the samples' settings with a value replaced, removed, moved, or put under a key."""
    tree = deepcopy(SETTINGS)
    holder, key = draws.choice(places(tree))
    match draws.choice(("value", "value", "value", "remove", "move", "more")):
        case "value":
            holder[key] = deepcopy(draws.choice(VALUES))
        case "remove":
            del holder[key]
        case "move":
            other, place = draws.choice(places(tree))
            holder[key] = deepcopy(other[place])
        case _ if isinstance(holder, dict):
            holder[draws.choice(("augment", "schedule", "mix", "set", "zoo", "x"))] = deepcopy(
                draws.choice(VALUES)
            )
    return tree


@pytest.mark.parametrize("seed", range(4))
def test_a_random_edit_is_read_or_refused_in_plain_words(seed: int, tmp_path: Path) -> None:
    draws, path, refused = random.Random(seed), tmp_path / "params.yaml", 0
    for _ in range(EDITS // 4):
        tree = edited(draws)
        path.write_text(yaml.safe_dump(tree))
        try:
            params = load(path)
            params.runs(next(iter(params.studies)))
        except ParamsError as error:
            refused += 1
            for line in str(error).splitlines():
                assert LINE.fullmatch(line), (line, tree)
                assert not any(word in line for word in LIBRARYS_OWN), (line, tree)
    assert refused > EDITS // 16
