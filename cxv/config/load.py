"""Read ``params.yaml`` once; say what is wrong with it before any job starts."""

import json
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from cxv.config.faults import Fault, Key, faults, not_allowed
from cxv.config.grid import Params
from cxv.config.limits import limit_faults
from cxv.config.references import folders_lacking, references, types_lacking, undefined
from cxv.config.sources import IMAGES
from cxv.config.strict_model import differences
from cxv.config.sweeps import Expansion, expand
from cxv.config.vocabulary import NO_MEANS, SECTIONS, Means
from cxv.config.yaml_file import format_faults, read
from cxv.errors import UserError

MEANS = "means.yaml"
"""Of a paper's folder: what its names stand for."""

CHOICE = "study.yaml"
"""Next to the settings: the study that is made without a target. A file of its own, as DVC rewrites
the file in which ``dvc exp run -S`` sets a value, and loses its form."""

MOST_SHOWN = 50
"""Faults of one file: whoever mends as many reads the rest the next time."""


class ParamsError(UserError):
    """``params.yaml`` cannot be used; the message holds a line for each fault."""


def load(path: Path, also: Callable[[Params], Iterable[Fault]] = lambda _: ()) -> Params:
    """Return the settings of ``path``, with the names that it inherits from its paper.

    Args:
        path: of ``params.yaml``.
        also: further faults to look for, such as ``cxv.jobs.check.faults``.

    Raises:
        ParamsError: one line a fault: file, line, key, what is wrong, what is allowed.
    """
    data, lines, found = read(path, ParamsError)
    data = data | _choice(path, data) if isinstance(data, dict) else data
    whole = expand(data, lines)
    data, lines, found = whole.data, whole.lines, [*found, *whole.faults]
    file = _means_file(path, data, lines)
    means = load_means(file) if file else NO_MEANS
    named = _inheriting(data, means)
    found = found or [*_renamed(data), *faults(Params, named)]
    if not found:
        params = Params.model_validate_json(json.dumps(named))
        found = [
            *_hidden(whole, means),
            *_redefined(params, means),
            *types_lacking(params),
            *folders_lacking(params),
            *references(params),
        ]
        found = found or list(limit_faults(params)) or list(also(params))
    if found:
        more = f"\n{path}: {len(found) - MOST_SHOWN} faults more" * (len(found) > MOST_SHOWN)
        raise ParamsError("\n".join(_placed(path, lines, file, found[:MOST_SHOWN])) + more)
    return params


def _choice(path: Path, data: dict[str, Any]) -> dict[str, Any]:
    """Return the study that the file next to ``path`` names; without either, the first one."""
    file, studies = path.with_name(CHOICE), data.get("studies")
    if not file.exists():
        first = next(iter(studies), None) if isinstance(studies, dict) else None
        return {} if "study" in data or first is None else {"study": first}
    choice, _, found = read(file, ParamsError)
    if found or not isinstance(choice, dict) or choice.keys() != {"study"}:
        raise ParamsError(f"{file}: holds one line, `study: <name of a study>`, and no other key")
    if "study" in data:
        raise ParamsError(f"{path}: study: stands in {file} as well; remove it from one of them")
    return choice


def placed(path: Path, found: Iterable[Fault]) -> Iterator[str]:
    """Yield a line for each of some keys of a sound file: file, line, key, what is said of it."""
    said = list(found)
    if not said:  # as a rule: the file is not read again
        return
    data, lines, _ = read(path, ParamsError)
    yield from _placed(path, expand(data, lines).lines, _means_file(path, data, lines), said)


def _placed(
    path: Path, lines: dict[Key, int], means: Path | None, found: Iterable[Fault]
) -> Iterator[str]:
    """Yield a line per fault: one of an inherited name is in the paper's file.

    A variant does not fit a model because a study of ``params.yaml`` asks for both.
    """
    inherited = read(means, ParamsError)[1] if means else {}
    for key, fault in found:
        entry = key[:2]
        if key == ("study",) and (choice := path.with_name(CHOICE)).exists():
            yield format_faults(choice, {key: 1}, [(key, fault)])
            continue
        is_inherited = entry in inherited and entry not in lines and entry[0] != "variants"
        place = (means, inherited) if means and is_inherited else (path, lines)
        yield format_faults(*place, [(key, fault)])


def load_means(path: Path) -> Means:
    """Return what a paper means by its names.

    Raises:
        ParamsError: one line a fault, as for ``params.yaml``.
    """
    data, lines, found = read(path, ParamsError)
    found = found or [*_renamed(data), *faults(Means, _named(data))]
    if not found:
        means = Means.model_validate_json(json.dumps(_named(data)))
        found = [*folders_lacking(means), *undefined(means)]
    if found:
        raise ParamsError(format_faults(path, lines, found))
    return means


def _means_file(path: Path, data: Any, lines: dict[Key, int]) -> Path | None:
    """Return the file whose names ``params.yaml`` inherits; None without a paper."""
    paper = data.get("paper") if isinstance(data, dict) else None
    if not isinstance(paper, str):  # null, or a fault of its own
        return None
    file = path.parent / paper / MEANS
    if not os.path.isfile(file):  # Path.is_file raises where a name is too long
        said = f"no {file}: name the folder that describes the paper, or null for none"
        raise ParamsError(format_faults(path, lines, [(("paper",), said)]))
    return file


def _inheriting(data: Any, means: Means) -> Any:
    """Return the settings with the names of the paper before their own."""
    named = _named(data)
    if not isinstance(data, dict) or means is NO_MEANS:
        return named
    inherited = means.model_dump(mode="json", include=set(SECTIONS))
    for section in SECTIONS:
        own = named.get(section, {})
        named[section] = inherited[section] | own if isinstance(own, dict) else own
    return named


def _redefined(params: Params, means: Means) -> Iterator[Fault]:
    """Yield the names that ``params.yaml`` gives another meaning than the paper does."""
    for section in SECTIONS:
        own, theirs = getattr(params, section), getattr(means, section)
        for name in theirs:
            if own[name] != theirs[name]:
                yield (section, name), f"{_other(own[name], theirs[name])}; give it another name"


def _hidden(whole: Expansion, means: Means) -> Iterator[Fault]:
    """Yield the sweeps that take the name of something that the paper has."""
    for section, families in whole.families.items():
        for name in families.keys() & getattr(means, section).keys():
            yield (section, name), "the paper means one thing by this name; rename the sweep"


def _other(own: Any, theirs: Any) -> str:
    if isinstance(own, tuple):
        return f"the paper means {list(theirs)} by this name, not {list(own)}"
    changes = "; ".join(differences(own, theirs))
    return f"the paper means something else by this name (here != there: {changes})"


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
            key: _spelt_out(dict.fromkeys(implied, key) | entry)
            if isinstance(entry, dict)
            else entry
            for key, entry in entries.items()
        }
    return named


def _spelt_out(entry: dict[str, Any]) -> dict[str, Any]:
    """Write out what an entry leaves open: no augmentation, or all training images of a class."""
    found: dict[str, Any] = {}
    if "augment" in entry and entry["augment"] is None:
        found["augment"] = []
    source, asked = entry.get("source"), entry.get("per_class")
    known = IMAGES.get(source) if isinstance(source, str) else None
    if known and known.train_per_class and isinstance(asked, dict) and "train" not in asked:
        found["per_class"] = asked | {"train": known.train_per_class}
    return entry | found


def _renamed(data: Any) -> Iterator[Fault]:
    """Yield every ``name`` that an entry gives itself."""
    for section, entries in _sections(data):
        for key, entry in entries.items():
            if isinstance(entry, dict) and "name" in entry:
                yield (section, key, "name"), not_allowed(Params, (section, key, "name"))
