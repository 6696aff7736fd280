"""Every row's own settings, as the registry has them; ``make rows`` writes them."""

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

from cxv.networks import own_settings
from cxv.networks.registry import ZOO, describe

FILE = Path(own_settings.__file__).with_suffix(".json")


def text() -> str:
    """Return what the file is to hold: one line a row of the registry."""
    rows = (f" {json.dumps(name)}: {json.dumps(_own(describe(name)))}" for name in ZOO)
    return "{\n" + ",\n".join(rows) + "\n}\n"


def _own(description: Any) -> dict[str, Any]:
    values = {one.name: getattr(description, one.name) for one in fields(description)}
    return {
        name: _own(value) if hasattr(value, "__dataclass_fields__") else value
        for name, value in values.items()
        if is_setting(value)
    }


def is_setting(value: object) -> bool:
    """Tell numbers, words, tuples of numbers and parts from what no YAML can give."""
    if isinstance(value, tuple):
        return all(isinstance(one, int | float) for one in value)
    is_part = hasattr(value, "__dataclass_fields__") and not isinstance(value, type)
    return isinstance(value, int | float | str) or is_part


if __name__ == "__main__":
    FILE.write_text(text())
