"""What the text of a module defines and which names that uses: parsed once, kept by its SHA-256.

Every command asks for fingerprints, and to parse all modules takes seconds.
"""

import ast
import hashlib
import sys
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import NamedTuple

from pydantic import TypeAdapter, ValidationError

from cxv.records.atomic_files import write
from cxv.records.seal import RecordError, read_sealed, sealed

PACKAGE = "cxv"
WHOLE = "*"
"""Stands for every name of a module."""

MOST = 1000
"""Modules kept; the project has a quarter as many, and older texts of them come back with git."""


class Binding(NamedTuple):
    """What binds a name, and all that runs on import: a digest, and the names in it."""

    digest: str
    named: list[str]


class Import(NamedTuple):
    """A name that an import binds; ``name`` is empty where the module itself is imported."""

    bound: str
    module: str
    name: str


class ModuleCode(NamedTuple):
    """The top level of a module: its names, what runs on import, and imports of this package."""

    names: dict[str, Binding]
    on_import: Binding
    whole: Binding
    imports: list[Import]

    def binding(self, name: str) -> Binding:
        """Return what binds a name."""
        return self.whole if name == WHOLE else self.names.get(name, self.on_import)


class Kept:
    """All that was parsed, here or by a command before."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.modules: dict[str, ModuleCode] = {}
        with suppress(OSError, RecordError, ValidationError):  # none yet, or altered: parse again
            self.modules = _MODULES.validate_json(read_sealed(path))
        self.written = len(self.modules)

    def of(self, text: str) -> ModuleCode:
        """Return what the text of a module defines."""
        key = hashlib.sha256(f"{_reader()} {text}".encode()).hexdigest()
        if key not in self.modules:
            self.modules[key] = _parsed(text)
        return self.modules[key]

    def write(self) -> None:
        """Write what is new to the disk, if it takes it: nobody depends on it."""
        if len(self.modules) > self.written:
            self.written = len(self.modules)
            latest = dict([*self.modules.items()][-MOST:])
            with suppress(OSError):
                write(self.path, sealed(_MODULES.dump_json(latest).decode()))


_MODULES = TypeAdapter(dict[str, ModuleCode])
"""By a digest of the text, of this file and of the version of Python, whose trees differ."""


@cache
def kept() -> Kept:
    """Return what this checkout has parsed."""
    return Kept(Path(__file__).resolve().parents[2] / ".cxv/module_code.json")


@cache
def _reader() -> str:
    return f"{sys.version_info[:2]} {hashlib.sha256(Path(__file__).read_bytes()).hexdigest()}"


def _parsed(text: str) -> ModuleCode:
    names: dict[str, list[ast.stmt]] = {}
    imports: list[Import] = []
    on_import: list[ast.stmt] = []
    for statement in _without_docstrings(ast.parse(text)).body:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            imports += _imported(statement)
        elif bound := list(_bound(statement)):
            for name in bound:
                names.setdefault(name, []).append(statement)
        elif not _is_text(statement):
            on_import.append(statement)
    code = _Code()
    return ModuleCode(
        {name: code.of([*on_import, *group]) for name, group in names.items()},
        code.of(on_import),
        code.of([*on_import, *(statement for group in names.values() for statement in group)]),
        imports,
    )


class _Code:
    """Reads statements into bindings; one that is part of several is read once."""

    def __init__(self) -> None:
        self._dumps: dict[ast.stmt, str] = {}
        self._named: dict[ast.stmt, set[str]] = {}

    def of(self, statements: list[ast.stmt]) -> Binding:
        for statement in statements:
            if statement not in self._dumps:
                self._dumps[statement] = ast.dump(statement)
                nodes = ast.walk(statement)
                self._named[statement] = {node.id for node in nodes if isinstance(node, ast.Name)}
        text = "\n".join(self._dumps[statement] for statement in statements)
        named = set().union(*(self._named[statement] for statement in statements))
        return Binding(hashlib.sha256(text.encode()).hexdigest(), sorted(named))


def _bound(statement: ast.stmt) -> Iterator[str]:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield statement.name
    elif isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        for target in targets:
            yield from (node.id for node in ast.walk(target) if isinstance(node, ast.Name))


def _imported(statement: ast.Import | ast.ImportFrom) -> Iterator[Import]:
    """Yield the names that an import binds to code of this package."""
    if isinstance(statement, ast.Import):
        for alias in statement.names:
            if _is_own(alias.name):
                yield Import(alias.asname or alias.name.partition(".")[0], alias.name, "")
    elif statement.module and _is_own(statement.module):
        for alias in statement.names:
            yield Import(alias.asname or alias.name, statement.module, alias.name)


def _is_own(module: str) -> bool:
    return module.partition(".")[0] == PACKAGE


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            node.body = [child for child in node.body if not _is_text(child)] or [ast.Pass()]
    return tree
