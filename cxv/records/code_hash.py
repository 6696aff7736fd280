"""Fingerprint of the code that a number depends on, symbol by symbol.

Snakemake does not see edits of modules behind a ``shell:`` rule, and a hash of whole files would
retrain everything for a comment. Here the syntax trees of the entries and of all that they name
are hashed, within ``cxv`` only; comments, docstrings and layout leave no trace. A new ablation
next to an old one does not change the old one's fingerprint.
"""

import ast
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "cxv"
WHOLE = "*"
"""Stands for every name of a module."""

Symbol = tuple[str, str]
"""Module and name."""

REGISTRIES = frozenset(
    {
        ("cxv.networks.registry", "ZOO"),
        ("cxv.networks.registry", "ABLATIONS"),
        ("cxv.augment.entries", "ENTRIES"),
    }
)
"""Followed no further: the rows in use are entries, and another row changes no number."""


def fingerprint_on_disk(*entries: str) -> str:
    """Return the fingerprint of what the files hold now, whatever was read before."""
    for cached in (fingerprint, _look_up, _source, _file):
        cached.cache_clear()
    return fingerprint(*entries)


@cache
def fingerprint(*entries: str) -> str:
    """Return 12 hexadecimal digits for the code behind entries: ``cxv.statistics:mean``."""
    found = _reached(entries)
    text = "\n".join(f"{module}:{name} {code}" for (module, name), code in sorted(found.items()))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def definitions(*entries: str) -> dict[str, str]:
    """Return a digest of each definition behind entries, by its name: ``cxv.statistics:mean``.

    A module that counts whole is there definition by definition.
    """
    names = {
        (module, one)
        for module, name in _reached(entries)
        for one in (_source(module).statements if name == WHOLE else [name])
    }
    return {
        f"{module}:{name}": code[:12]
        for module, name in sorted(names)
        if (code := _look_up((module, name))[0])
    }


def _reached(entries: tuple[str, ...]) -> dict[Symbol, str]:
    """Return a digest of the code of each symbol that entries lead to."""
    found: dict[Symbol, str] = {}
    waiting = [_symbol(entry) for entry in entries]
    while waiting:
        symbol = waiting.pop()
        if symbol not in found and symbol not in REGISTRIES:
            code, needs = _look_up(symbol)
            found[symbol] = code
            waiting += needs
    return found


def definitions_in(module: str, text: str) -> dict[str, str]:
    """Return the same digests of all that the text of a module defines."""
    source = _parsed(text)
    return {f"{module}:{name}": _digest(source.binding(name))[:12] for name in source.statements}


def _symbol(entry: str) -> Symbol:
    module, _, name = entry.partition(":")
    if _file(module) is None or (name and name not in _source(module).statements):
        raise LookupError(f"no {entry} in {ROOT}")
    return module, name or WHOLE


@dataclass
class _Source:
    """The top level of a module: what each name is bound by, and where imported names come from."""

    statements: dict[str, list[ast.stmt]] = field(default_factory=dict)
    imports: dict[str, list[Symbol]] = field(default_factory=dict)
    effects: list[ast.stmt] = field(default_factory=list)  # bind no name; run on import

    def binding(self, name: str) -> list[ast.stmt]:
        """Return what binds a name, and all that runs on import."""
        bound = self.statements.values() if name == WHOLE else [self.statements.get(name, [])]
        return [*self.effects, *(statement for group in bound for statement in group)]


@cache
def _look_up(symbol: Symbol) -> tuple[str, list[Symbol]]:
    """Return a digest of the code that binds a symbol, and the symbols which that code names."""
    module, name = symbol
    source = _source(module)
    if name in source.imports:  # re-exported: the code is elsewhere
        return "", source.imports[name]
    statements = source.binding(name)
    named = {
        node.id
        for statement in statements
        for node in ast.walk(statement)
        if isinstance(node, ast.Name)
    }
    needs = [(module, other) for other in named if other in source.statements]
    needs += [symbol for other in named for symbol in source.imports.get(other, ())]
    return _digest(statements), needs


def _digest(statements: list[ast.stmt]) -> str:
    return hashlib.sha256("\n".join(map(ast.dump, statements)).encode()).hexdigest()


@cache
def _source(module: str) -> _Source:
    path = _file(module)
    assert path is not None  # noqa: S101 - only modules that exist are looked up
    return _parsed(path.read_text())


def _parsed(text: str) -> _Source:
    source = _Source()
    for statement in _without_docstrings(ast.parse(text)).body:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            for name, symbol in _imported(statement):
                source.imports.setdefault(name, []).append(symbol)
        elif names := list(_bound(statement)):
            for name in names:
                source.statements.setdefault(name, []).append(statement)
        elif not _is_text(statement):
            source.effects.append(statement)
    return source


def _bound(statement: ast.stmt) -> Iterator[str]:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield statement.name
    elif isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        for target in targets:
            yield from (node.id for node in ast.walk(target) if isinstance(node, ast.Name))


def _imported(statement: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, Symbol]]:
    """Yield the names that an import binds to code of this package."""
    if isinstance(statement, ast.Import):
        for alias in statement.names:
            if _file(alias.name):
                yield alias.asname or alias.name.partition(".")[0], (alias.name, WHOLE)
    elif statement.module and _file(statement.module):
        for alias in statement.names:
            submodule = f"{statement.module}.{alias.name}"
            target = (submodule, WHOLE) if _file(submodule) else (statement.module, alias.name)
            yield alias.asname or alias.name, target


@cache
def _file(module: str) -> Path | None:
    if module.partition(".")[0] != PACKAGE:
        return None
    path = ROOT.joinpath(*module.split("."))
    candidates = (path.with_suffix(".py"), path / "__init__.py")
    return next((candidate for candidate in candidates if candidate.is_file()), None)


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            node.body = [child for child in node.body if not _is_text(child)] or [ast.Pass()]
    return tree
