"""How names, settings and numbers read in a report."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from cxv.config.phases import Phase
from cxv.config.spec import Model, Run
from cxv.networks.registry import ZOO, Group
from cxv.records.record import Stamp
from cxv.results.table import Row
from cxv.statistics import Interval

GROUPS: Mapping[Group, str] = MappingProxyType(
    {
        "convolutional": "Convolutional",
        "mixing": "Token mixing",
        "transformer": "Transformers",
        "cxv": "Convolutional Xformers",
    }
)
"""Titles of the groups of the registry."""

MLFLOW = "http://127.0.0.1:5000/#/experiments?searchFilter="
MINUS = "\N{MINUS SIGN}"
MINUTE, HOUR = 60, 3600  # seconds


def label(model: Model) -> str:
    """Return the title of a row of the registry; of a changed or renamed one, its own name."""
    return ZOO[model.zoo].title if model.name == model.zoo and not model.set else model.name


def anchor(row: Row) -> str:
    """Return an id for the row on its page."""
    names = (row.dataset.name, row.model.name, row.variant.name, row.recipe)
    return "-".join(names).replace(" = ", "-")


def network_anchor(row: Row) -> str:
    """Return an id for what a row's network costs, however it is trained."""
    return row.profile.spec.id.replace("/", "-")


def format_settings(named: dict[str, Any]) -> str:
    """Return ``SGD: lr 0.001, momentum 0.9``; settings within settings in brackets.

    What is switched off is left out.
    """
    values = [f"{key.replace('_', ' ')} {_value(value)}" for key, value in named.items()
              if key != "name" and value is not None and value is not False]  # fmt: skip
    return f"{named['name']}: {', '.join(values)}"


def _value(value: object) -> str:
    if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
        return f"({'; '.join(map(format_settings, value))})"
    if isinstance(value, list) and all(isinstance(one, float) for one in value):
        return f"[{', '.join(f'{one:g}' for one in value)}]"
    return f"{value}"


def settings(phase: Phase) -> str:
    """Return ``AdamW: lr 0.001, ...; at most 8 epochs`` in one line."""
    parts = [format_settings(phase.optimizer.model_dump(mode="json"))]
    parts += [format_settings(step.model_dump(mode="json")) for step in phase.augment]
    if phase.mix:
        parts.append(format_settings({"name": "mix"} | phase.mix.model_dump(mode="json")))
    if phase.schedule:
        parts.append(format_settings(phase.schedule.model_dump(mode="json")))
    if phase.label_smoothing:
        parts.append(f"label smoothing {phase.label_smoothing:g}")
    until = f"batch {phase.batch}, at most {phase.max_epochs} epochs"
    if phase.patience is not None:
        until += f", patience {phase.patience}"
    return "; ".join([*parts, until])


def commit(stamp: Stamp) -> str:
    """Return the commit, and whether files differed from it."""
    return f"{stamp.commit or 'not a git checkout'}{' + changes' if stamp.dirty else ''}"


def duration(seconds: float) -> str:
    """Return ``41 s``, ``12 min`` or ``3.5 h``."""
    if seconds < 2 * MINUTE:
        return f"{seconds:.0f} s"
    return f"{seconds / MINUTE:.0f} min" if seconds < 2 * HOUR else f"{seconds / HOUR:.1f} h"


def signed(difference: float) -> str:
    """Return a difference of fractions in percentage points, with its sign."""
    return f"{100 * difference:+.2f}".replace("-", MINUS)


def between(interval: Interval | None) -> str:
    """Return ``[-0.12, +1.50]``, given in percentage points; empty where there is none."""
    return f"[{', '.join(signed(end / 100) for end in interval)}]" if interval else ""


def ends(interval: Interval) -> str:
    """Return ``[88.6, 94.5]``, given in percent."""
    return f"[{interval.low:.1f}, {interval.high:.1f}]"


def mlflow_search(run: Run) -> str:
    """Return where MLflow's local page lists the run; it has to be served for that."""
    return MLFLOW + quote(f"tags.\"cxv.run\" = '{run.id}'")
