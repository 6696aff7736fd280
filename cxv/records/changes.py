"""What differs between two makings of a number, key by key."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from cxv.config.strict_model import StrictModel, flat

Kind = Literal["specification", "code", "data", "packages", "environment", "files"]

NAMED = 3  # changes that a line names


@dataclass(frozen=True, slots=True)
class Change:
    """One value that is not what it was; None: it was not there, or is no longer."""

    kind: Kind
    name: str  # of a definition, ``module:name``; of a specification, the dotted key; ...
    before: Any
    after: Any

    @property
    def word(self) -> str:
        """Say whether it was added, removed or changed."""
        if self.before is None:
            return "added"
        return "removed" if self.after is None else "changed"

    def as_json(self) -> dict[str, Any]:
        """Return it for other programs."""
        found = {"kind": self.kind, "name": self.name, "change": self.word}
        return found | {"before": self.before, "after": self.after}

    def __str__(self) -> str:
        """Return it for people: of a definition the name alone, as a digest says nothing."""
        if self.kind == "code" and ":" in self.name:
            return f"{self.name} {self.word}"
        return f"{self.name}: {_shown(self.before)} -> {_shown(self.after)}"


def _shown(value: Any) -> str:
    return "nothing" if value is None else str(value)


def between(kind: Kind, before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Change, ...]:
    """Return every key whose value differs, in order."""
    return tuple(
        Change(kind, key, before.get(key), after.get(key))
        for key in sorted(before.keys() | after.keys())
        if before.get(key) != after.get(key)
    )


def of_specification(before: StrictModel, after: StrictModel) -> tuple[Change, ...]:
    """Return every setting in which two specifications differ, by its dotted key."""
    values = (flat(one.model_dump(mode="json")) for one in (before, after))
    return between("specification", *values)


def few(changes: Iterable[Change]) -> str:
    """Return the first few, and how many more there are."""
    said = [str(change) for change in changes]
    more = f" and {len(said) - NAMED} more" if len(said) > NAMED else ""
    return ", ".join(said[:NAMED]) + more
