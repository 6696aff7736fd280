"""How near is near enough: written into a file, and frozen, before the first run."""

import hashlib
from pathlib import Path
from typing import Self

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
    def load(cls, path: Path) -> Self:
        """Return the tolerances of a YAML file; UserError names what is wrong with it."""
        try:
            content = path.read_bytes()
            sha256 = hashlib.sha256(content).hexdigest()
            return cls.model_validate({**yaml.safe_load(content), "sha256": sha256})
        except OSError as error:
            raise UserError(f"{path}: {error.strerror}") from error
        except (yaml.YAMLError, TypeError, ValidationError) as error:
            raise UserError(f"{path}: {error}") from error

    def around(self, dataset: str) -> float:
        """Return the tolerance of a dataset's top-1, in percentage points."""
        if dataset not in self.top1_pp:
            raise KeyError(f"no tolerance for {dataset!r}; known: {', '.join(self.top1_pp)}")
        return self.top1_pp[dataset]
