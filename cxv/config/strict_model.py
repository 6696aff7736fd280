"""The base of every specification and record: frozen, strict, the same text for the same values."""

import hashlib
import json
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, JsonValue, StringConstraints

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_]*$")]
Settings = dict[str, JsonValue]
"""Numbers of a description to change: ``{"dim": 64, "mixer": {"heads": 2}}``."""

Positive = Annotated[FiniteFloat, Field(gt=0)]
NonNegative = Annotated[FiniteFloat, Field(ge=0)]
Fraction = Annotated[float, Field(gt=0, lt=1)]


class StrictModel(BaseModel):
    """Immutable and strict; a misspelt key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    def canonical(self) -> str:
        """Return one JSON string, the same whatever the order of keys in ``params.yaml``."""
        return json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))

    @property
    def digest(self) -> str:
        """First 12 hexadecimal digits of the SHA-256 of ``canonical()``."""
        return hashlib.sha256(self.canonical().encode()).hexdigest()[:12]


def differences(left: StrictModel, right: StrictModel) -> list[str]:
    """Return ``key: left != right`` for every value in which two specifications differ."""
    ours, theirs = flat(left.model_dump(mode="json")), flat(right.model_dump(mode="json"))
    return [
        f"{key}: {ours.get(key)!r} != {theirs.get(key)!r}"
        for key in sorted(ours.keys() | theirs.keys())
        if ours.get(key) != theirs.get(key)
    ]


def flat(value: Any, key: str = "") -> dict[str, Any]:
    """Return every leaf of nested mappings and lists under its dotted key."""
    if not isinstance(value, dict | list):
        return {key: value}
    children = value.items() if isinstance(value, dict) else enumerate(value)
    return {
        path: leaf
        for name, child in children
        for path, leaf in flat(child, f"{key}.{name}".lstrip(".")).items()
    }
