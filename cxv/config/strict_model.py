"""The base of every specification and record: frozen, strict, the same text for the same values."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import PurePath
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    FiniteFloat,
    JsonValue,
    StringConstraints,
)

from cxv.networks.own_settings import typed

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_]*$")]
Settings = Annotated[dict[str, JsonValue], AfterValidator(typed)]
"""Numbers of a description to change: ``{"dim": 64, "mixer": {"heads": 2}}``."""

Digits = Annotated[str, StringConstraints(pattern=r"^\d+\.\d+$")]  # of a number as printed
Positive = Annotated[FiniteFloat, Field(gt=0)]
NonNegative = Annotated[FiniteFloat, Field(ge=0), AfterValidator(abs)]  # -0.0 is 0.0
Fraction = Annotated[float, Field(gt=0, lt=1)]
FolderPath = Annotated[str, AfterValidator(lambda path: str(PurePath(path)))]  # photos/ is photos


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


class Specification(StrictModel):
    """Settings of a job. What means the same is equal, and has the same text.

    Validators bring a specification into its one form: each value is of its type, defaults are
    filled in, and what cannot matter next to the other values has the form of what is not set.
    """

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Return a copy with other values, in its one form too.

        Raises:
            ValidationError: a value is impossible.
        """
        if not update:
            return super().model_copy(deep=deep)
        return type(self).model_validate({**dict(self), **update})

    @property
    def on_any_device(self) -> Self:
        """What is left of it if the device decides the rest: all, except of a run."""
        return self

    def _settle(self, **values: Any) -> None:
        """Give fields the values that they have in the one form; for validators alone."""
        self.__dict__.update(values)


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
