"""How near is near enough: written into a file, and frozen, before the first run."""

import hashlib
from pathlib import Path

import yaml
from pydantic import ValidationError

from cxv.errors import UserError
from cxv.frozen import Fraction, Frozen, Positive


class Tolerances(Frozen):
    """What the rules go by."""

    top1_pp: dict[str, Positive]  # dataset -> percentage points around a printed top-1
    null_margin_pp: Positive  # of top-1: less is no gain
    memory_fraction: Fraction  # of a printed peak ...
    memory_gb: Positive  # ... or this, whichever is more
    alpha: Fraction  # of every interval and test
    sha256: str  # of the file

    @classmethod
    def load(cls, path: Path) -> "Tolerances":
        """Return what a YAML file says; UserError names its faults, one a line."""
        try:
            content = path.read_bytes()
            data = yaml.safe_load(content)
        except OSError as error:
            raise UserError(f"{path}: {error.strerror}") from error
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise UserError(f"{path}: not YAML: {error}") from error
        if not isinstance(data, dict):
            raise UserError(f"{path}: not a mapping of {', '.join(cls.model_fields)}")
        try:
            return cls.model_validate(data | {"sha256": hashlib.sha256(content).hexdigest()})
        except ValidationError as error:
            faults = ((".".join(map(str, x["loc"])), x["msg"]) for x in error.errors())
            raise UserError("\n".join(f"{path}: {key}: {told}" for key, told in faults)) from error

    def around(self, dataset: str) -> float:
        """Return the tolerance of a dataset's top-1, in percentage points."""
        if dataset not in self.top1_pp:
            raise KeyError(f"no tolerance for {dataset!r}; known: {', '.join(self.top1_pp)}")
        return self.top1_pp[dataset]
