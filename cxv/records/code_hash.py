"""Fingerprint of the code that a number depends on, symbol by symbol.

Snakemake does not see edits of modules behind a ``shell:`` rule, and a hash of whole files would
retrain everything for a comment. Here the syntax trees of the entries and of all that they name
are hashed, within ``cxv`` only; comments, docstrings and layout leave no trace. A new ablation
beside an old one does not touch the old one's fingerprint.
"""

import ast
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType

from cxv.config.augmentation import ENTRIES
from cxv.config.spec import Counts, Dataset, Examples, Forensics, Profile, Run, Sketch
from cxv.networks.registry import ABLATIONS, ZOO

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
        ("cxv.config.augmentation", "ENTRIES"),
    }
)
"""Followed no further: the rows in use are entries, and another row changes no number."""


READERS: Mapping[str, str] = MappingProxyType(
    {
        "digits": "cxv.data.readers:digits",
        "cifar10": "cxv.data.readers:cifar",
        "cifar100": "cxv.data.readers:cifar",
        "tiny_imagenet": "cxv.data.readers:tiny_imagenet",
        "image_folder": "cxv.data.readers:image_folder",
    }
)


def of_dataset(dataset: Dataset) -> str:
    """Return the fingerprint of all code that decides the bytes of a dataset's tensors."""
    common = ("cxv.data.sources:select", "cxv.data.sources:save")
    return fingerprint(READERS[dataset.source], *common)


def of_run(run: Run) -> str:
    """Return the fingerprint of all code that decides what ``run`` learns."""
    augmentations = {step.name for phase in run.phases for step in phase.augment}
    return fingerprint(
        "cxv.training.trainer:train_link",
        "cxv.training.trainer:Learner",
        "cxv.training.determinism:make_deterministic",
        "cxv.training.setup:network",
        "cxv.training.setup:set_out",
        "cxv.training.setup:outcome",
        *(ENTRIES[name] for name in sorted(augmentations)),
        *_architecture(run),
    )


def of_profile(profile: Profile) -> str:
    """Return the fingerprint of all code that decides what is measured."""
    return fingerprint("cxv.profiling:profile", "cxv.training.setup:build", *_architecture(profile))


def of_forensics(spec: Forensics) -> str:
    """Return the fingerprint of all code that decides what a search finds."""
    edits = sorted({name for names in spec.space.edits for name in names})
    return fingerprint(
        "cxv.paper.config_search:search", ZOO[spec.row].entry, *(ABLATIONS[x] for x in edits)
    )


def of_outline(spec: Sketch) -> str:
    """Return the fingerprint of all code that decides what an outline says."""
    return fingerprint(
        "cxv.profiling.model_summary:take_outline",
        "cxv.profiling.model_summary:build",
        *_architecture(spec),
    )


def of_counts(spec: Counts) -> str:
    """Return the fingerprint of all code that decides what is counted."""
    return fingerprint("cxv.profiling.counting:count", *(ZOO[row].entry for row in spec.rows))


def of_examples(spec: Examples) -> str:
    """Return the fingerprint of all code that decides what examples show."""
    names = sorted({step.name for steps in spec.augment for step in steps})
    common = ("cxv.jobs.make_examples:make_examples", "cxv.jobs.make_examples:strip")
    return fingerprint(*common, *(ENTRIES[name] for name in names))


def of_report() -> str:
    """Return the fingerprint of all code that decides what a report says, templates left out."""
    return fingerprint(
        "cxv.report.rendering",
        "cxv.report.contents:gather",
        "cxv.results.lookup",
        "cxv.paper.load_claims:load_paper",
        "cxv.paper.open_settings:searches",
    )


def _architecture(spec: Run | Profile | Sketch) -> tuple[str, ...]:
    edits = (ABLATIONS[name] for name in spec.variant.edits)
    return (ZOO[spec.model.zoo].entry, *edits)


@cache
def fingerprint(*entries: str) -> str:
    """Return 12 hexadecimal digits for the code behind entries: ``cxv.statistics:mean``."""
    found: dict[Symbol, str] = {}
    waiting = [_symbol(entry) for entry in entries]
    while waiting:
        symbol = waiting.pop()
        if symbol not in found and symbol not in REGISTRIES:
            code, needs = _look_up(symbol)
            found[symbol] = code
            waiting += needs
    text = "\n".join(f"{module}:{name} {code}" for (module, name), code in sorted(found.items()))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


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


@cache
def _look_up(symbol: Symbol) -> tuple[str, list[Symbol]]:
    """Return a digest of the code that binds a symbol, and the symbols which that code names."""
    module, name = symbol
    source = _source(module)
    if name in source.imports:  # re-exported: the code is elsewhere
        return "", source.imports[name]
    bound = source.statements.values() if name == WHOLE else [source.statements.get(name, [])]
    statements = [*source.effects, *(statement for group in bound for statement in group)]
    named = {
        node.id
        for statement in statements
        for node in ast.walk(statement)
        if isinstance(node, ast.Name)
    }
    needs = [(module, other) for other in named if other in source.statements]
    needs += [symbol for other in named for symbol in source.imports.get(other, ())]
    code = "\n".join(map(ast.dump, statements))
    return hashlib.sha256(code.encode()).hexdigest(), needs


@cache
def _source(module: str) -> _Source:
    path = _file(module)
    assert path is not None  # noqa: S101 - only modules that exist are looked up
    source = _Source()
    for statement in _without_docstrings(ast.parse(path.read_text())).body:
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
