"""The same values have one text and one digest; another value has another."""

from hashlib import sha256
from pathlib import PurePosixPath
from typing import Any

import pytest
from pydantic import ValidationError

from cxv.config.strict_model import Settings, StrictModel


class Recipe(StrictModel):
    rate: float
    folder: PurePosixPath
    betas: tuple[float, ...]
    more: Settings


def recipe(**changes: Any) -> Recipe:
    fields = {"rate": 0.1, "folder": PurePosixPath("a/b"), "betas": (0.9, 1.0), "more": {}}
    return Recipe(**fields | changes)


def test_the_text_is_json_with_sorted_keys_and_no_space() -> None:
    made = recipe(more={"z": 1, "a": {"d": None, "c": True}})
    text = '{"betas":[0.9,1.0],"folder":"a/b","more":{"a":{"c":true,"d":null},"z":1},"rate":0.1}'
    assert made.canonical() == text
    assert made.digest == sha256(text.encode()).hexdigest()[:12]
    assert Recipe.model_validate_json(text) == made


def test_the_order_of_keys_leaves_no_trace_and_every_value_does() -> None:
    one, other = recipe(more={"a": 1, "b": 2}), recipe(more={"b": 2, "a": 1})
    assert one.digest == other.digest
    changed = [recipe(), one, recipe(rate=0.2), recipe(betas=(0.9,)), recipe(more={"a": 2, "b": 1})]
    assert len({x.digest for x in changed}) == len(changed)


def test_nothing_is_changed_misspelt_or_converted() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        recipe().rate = 0.2  # type: ignore[misc]
    for wrong in ({"rat": 0.1}, {"rate": "0.1"}):
        with pytest.raises(ValidationError):
            recipe(**wrong)
