"""What ``set:`` can change of each network, and the row's own values, without importing torch.

``own_settings.json`` is written by ``make rows`` and tested against the registry.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

Settings = Mapping[str, Any]

OWN: Mapping[str, Settings] = MappingProxyType(
    json.loads(Path(__file__).with_suffix(".json").read_text("utf-8"))
)
"""By key of ``cxv.networks.registry.ZOO``; a part has settings of its own."""


def merged(first: Settings, second: Settings) -> dict[str, Any]:
    """Return both settings, the second ones where both give a value."""
    found = dict(first)
    for key, value in second.items():
        both_parts = isinstance(value, Mapping) and isinstance(found.get(key), Mapping)
        found[key] = merged(found[key], value) if both_parts else value
    return found


def changes(zoo: str, before: Settings, given: Settings) -> dict[str, Any]:
    """Return those of some settings that give a network another value than it has.

    Args:
        zoo: a key of ``cxv.networks.registry.ZOO``; of another row nothing is known.
        before: changes of the row that were made already.
        given: numbers as ``typed`` returns them.
    """
    return _other(merged(OWN.get(zoo, {}), before), given) if given else {}


def _other(own: Settings, given: Settings) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in given.items():
        here = own.get(key)
        if isinstance(value, Mapping) and isinstance(here, Mapping):
            if inner := _other(here, value):
                found[key] = inner
        elif key not in own or type(here) is not type(value) or here != value:
            found[key] = value
    return found


def typed(given: Settings, *, known: Settings | None = None) -> dict[str, Any]:
    """Return settings with every number of its setting's type: a dropout of 0 is 0.0."""
    known = ALL if known is None else known
    found: dict[str, Any] = {}
    for key, value in given.items():
        here = known.get(key)
        if isinstance(value, Mapping):
            found[key] = typed(value, known=here if isinstance(here, Mapping) else {})
        elif type(here) is float and type(value) is int:
            found[key] = float(value)
        else:
            found[key] = value + 0.0 if type(value) is float else value  # -0.0 is 0.0
    return found


def _of_all(rows: Mapping[str, Settings]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for own in rows.values():
        found = merged(found, own)
    return found


ALL: Settings = MappingProxyType(_of_all(OWN))
"""A value of every setting of any network: the same setting has the same type in all of them."""
