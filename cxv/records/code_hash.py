"""Fingerprint of the code that a number depends on, symbol by symbol.

Snakemake does not see edits of modules behind a ``shell:`` rule, and a hash of whole files would
retrain everything for a comment. Here the syntax trees of the entries and of all that they name
are hashed, within ``cxv`` only; comments, docstrings and layout leave no trace. A new ablation
next to an old one does not change the old one's fingerprint.
"""

import hashlib
from functools import cache
from pathlib import Path

from cxv.records.module_code import PACKAGE, WHOLE, ModuleCode, kept

ROOT = Path(__file__).resolve().parents[2]
Symbol = tuple[str, str]
"""Module and name."""

NOT_FOLLOWED = frozenset(
    {
        ("cxv.networks.registry", "ZOO"),
        ("cxv.networks.registry", "ABLATIONS"),
        ("cxv.augment.entries", "ENTRIES"),
        ("cxv.config.faults", "in_words"),
        ("cxv.wrong_values", "said_of"),
    }
)
"""Followed no further: the rows in use are entries, and another row changes no number, as no word
of a message does."""


def fingerprint_on_disk(*entries: str) -> str:
    """Return the fingerprint of what the files hold now, whatever was read before."""
    forget()
    return fingerprint(*entries)


def forget() -> None:
    """Read all files again when they are asked for."""
    for cached in (fingerprint, _look_up, _imported, _code, _file):
        cached.cache_clear()


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
        for one in (_code(module).names if name == WHOLE else [name])
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
        if symbol not in found and symbol not in NOT_FOLLOWED:
            code, needs = _look_up(symbol)
            found[symbol] = code
            waiting += needs
    kept().write()
    return found


def definitions_in(module: str, text: str) -> dict[str, str]:
    """Return the same digests of all that the text of a module defines."""
    names = kept().of(text).names
    return {f"{module}:{name}": code.digest[:12] for name, code in names.items()}


def _symbol(entry: str) -> Symbol:
    module, _, name = entry.partition(":")
    if _file(module) is None or (name and name not in _code(module).names):
        raise LookupError(f"no {entry} in {ROOT}")
    return module, name or WHOLE


@cache
def _look_up(symbol: Symbol) -> tuple[str, list[Symbol]]:
    """Return a digest of the code that binds a symbol, and the symbols which that code names."""
    module, name = symbol
    imported, code = _imported(module), _code(module)
    if name in imported:  # re-exported: the code is elsewhere
        return "", imported[name]
    digest, named = code.binding(name)
    needs = [(module, other) for other in named if other in code.names]
    needs += [symbol for other in named for symbol in imported.get(other, ())]
    return digest, needs


@cache
def _code(module: str) -> ModuleCode:
    path = _file(module)
    assert path is not None  # noqa: S101 - only modules that exist are looked up
    return kept().of(path.read_text())


@cache
def _imported(module: str) -> dict[str, list[Symbol]]:
    """Return where the names that a module imports from this package come from."""
    found: dict[str, list[Symbol]] = {}
    for bound, source, name in _code(module).imports:
        submodule = f"{source}.{name}" if name else source
        if _file(submodule):
            found.setdefault(bound, []).append((submodule, WHOLE))
        elif _file(source):
            found.setdefault(bound, []).append((source, name))
    return found


@cache
def _file(module: str) -> Path | None:
    if module.partition(".")[0] != PACKAGE:
        return None
    path = ROOT.joinpath(*module.split("."))
    candidates = (path.with_suffix(".py"), path / "__init__.py")
    return next((candidate for candidate in candidates if candidate.is_file()), None)
