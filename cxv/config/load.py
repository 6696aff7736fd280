"""Read ``params.yaml`` once; say what is wrong with it before any job starts."""

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from cxv.config.augmentation import NAMES
from cxv.config.grid import ALL, Networks, Params, Selection, reserved
from cxv.config.yaml_file import Fault, Key, faults, format_faults, not_allowed, read, unknown
from cxv.errors import UserError
from cxv.networks.registry import ABLATIONS, ZOO


class ParamsError(UserError):
    """``params.yaml`` cannot be used; the message holds a line for each fault."""


def load(path: Path, also: Callable[[Params], Iterable[Fault]] = lambda _: ()) -> Params:
    """Return the settings of ``path``.

    Args:
        path: of ``params.yaml``.
        also: further faults to look for, such as ``cxv.jobs.check.faults``.

    Raises:
        ParamsError: one line a fault: file, line, key, what is wrong, what is allowed.
    """
    data, lines, found = read(path, ParamsError)
    found = found or [*_renamed(data), *faults(Params, _named(data), NAMES)]
    if not found:
        params = Params.model_validate_json(json.dumps(_named(data)))
        found = list(_references(params)) or list(also(params))
    if found:
        raise ParamsError(format_faults(path, lines, found))
    return params


def _sections(data: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the sections whose entries are named by their key."""
    for section in ("datasets", "models", "variants", "phases"):
        if isinstance(data, dict) and isinstance(data.get(section), dict):
            yield section, data[section]


def _named(data: Any) -> Any:
    """Give each entry its key as ``name``, and a model that names no row of the zoo its own."""
    if not isinstance(data, dict):
        return data
    named = dict(data)
    for section, entries in _sections(data):
        implied = ("name", "zoo") if section == "models" else ("name",)
        named[section] = {
            key: dict.fromkeys(implied, key) | entry if isinstance(entry, dict) else entry
            for key, entry in entries.items()
        }
    return named


def _renamed(data: Any) -> Iterator[Fault]:
    """Yield every ``name`` that an entry gives itself."""
    for section, entries in _sections(data):
        for key, entry in entries.items():
            if isinstance(entry, dict) and "name" in entry:
                yield (section, key, "name"), not_allowed(Params, (section, key, "name"))


def _references(params: Params) -> Iterator[Fault]:
    """Yield every name that stands for nothing, or for something else already."""
    taken = reserved(params.studies)
    for name in taken & params.studies.keys():
        yield ("studies", name), f"names another target (reserved: {', '.join(sorted(taken))})"
    yield from unknown(("study",), "study", [params.study], {*params.studies, ALL})
    for name, model in params.models.items():
        yield from unknown(("models", name), "model in cxv/networks/registry.py", [model.zoo], ZOO)
    for name, variant in params.variants.items():
        yield from unknown(("variants", name, "edits"), "edit", variant.edits, ABLATIONS)
    for name, chain in params.recipes.items():
        yield from unknown(("recipes", name), "phase", chain, params.phases)
    for name, study in params.studies.items():
        for number, block in enumerate(study.runs):
            yield from _block(params, ("studies", name, "runs", number), block)
        for number, network in enumerate(study.measured):
            yield from _block(params, ("studies", name, "measured", number), network)


def _block(params: Params, key: Key, block: Selection | Networks) -> Iterator[Fault]:
    yield from unknown((*key, "datasets"), "dataset", block.datasets, params.datasets)
    yield from unknown((*key, "models"), "model", block.models, params.models)
    yield from unknown((*key, "variants"), "variant", block.variants, params.variants)
    if isinstance(block, Selection):
        yield from unknown((*key, "recipes"), "recipe", block.recipes, params.recipes)
