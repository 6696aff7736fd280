"""Which part of the package is tried with which tests."""

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from types import MappingProxyType

import yaml


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A part of the package, the tests that are about it, and the share that they must kill."""

    least: float
    code: list[str]  # below cxv/, without .py
    tests: list[str]  # beginnings of names, wherever below tests/
    slow: bool = False  # also those marked slow, without which its code would hardly run

    def mutates(self, path: Path) -> bool:
        """Tell whether the code at a path of the checkout belongs to the group."""
        return any(fnmatch(str(path), f"cxv/{pattern}.py") for pattern in self.code)

    def tests_it(self, path: Path) -> bool:
        """Tell whether the tests at a path of the checkout are about it."""
        names = (f"tests/*test_{name}{rest}.py" for name in self.tests for rest in ("", "_*"))
        return any(fnmatch(str(path), name) for name in names)


GROUPS: Mapping[str, Group] = MappingProxyType(
    {
        name: Group(**group)
        for name, group in yaml.safe_load(
            Path(__file__).with_name("groups.yaml").read_text()
        ).items()
    }
)
