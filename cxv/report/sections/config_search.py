"""What was found of the settings that a paper leaves open, as lines of the report."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cxv.config.spec import ConfigSearch, Space
from cxv.records.config_search import GIGA, MEGA, Candidate, SearchResult


@dataclass(frozen=True, slots=True)
class Line:
    """One network, and how far it explains the digits that the paper prints."""

    settings: str
    params_m: str  # by a rule that gives the printed digits, else by the first
    macs_g: str  # chosen by the same rule
    params_rules: str  # that give the printed digits
    macs_rules: str
    chosen: bool  # by means.yaml


def lines(spec: ConfigSearch, findings: SearchResult) -> tuple[Line, ...]:
    """Return what explains both numbers or else comes nearest, and the network of means.yaml."""
    shown: list[Candidate] = []
    for candidate in (*findings.explanations, *findings.nearest, findings.choice):
        if candidate not in shown:
            shown.append(candidate)
    return tuple(_line(spec, candidate) for candidate in shown)


def _line(spec: ConfigSearch, candidate: Candidate) -> Line:
    params_rules, macs_rules = candidate.params_rules(spec), candidate.macs_rules(spec)
    return Line(
        settings=_in_words(spec.space, candidate),
        params_m=_shown(candidate.params, (*params_rules, "modules"), MEGA),
        macs_g=_shown(candidate.macs, (*macs_rules, "thop"), GIGA),
        params_rules=_named(params_rules),
        macs_rules=_named(macs_rules),
        chosen=candidate.chosen,
    )


def _in_words(space: Space, candidate: Candidate) -> str:
    """Name the settings that a network has of those which the space varies."""
    words = [f"{key.rpartition('.')[2]} {value}" for key, value in candidate.settings.items()]
    if len(space.edits) > 1:
        words += candidate.edits or ("as it is",)
    if len(space.image_sizes) > 1:
        words.append(f"{_square(candidate.image_size)} maps")
    return ", ".join(words)


def varied(space: Space) -> dict[str, str]:
    """Return what was varied, and over which values."""
    found = {key: ", ".join(map(str, values)) for key, values in space.settings.items()}
    if len(space.edits) > 1:
        found["edits"] = ", ".join(" and ".join(edits) or "none" for edits in space.edits)
    if len(space.image_sizes) > 1:
        found["maps"] = ", ".join(map(_square, space.image_sizes))
    return found


def _square(size: int) -> str:
    return f"{size} \N{MULTIPLICATION SIGN} {size}"


def _shown(counts: Mapping[Any, int], rules: Sequence[str], unit: float) -> str:
    return f"{counts[rules[0]] / unit:.4f}"


def _named(rules: Iterable[str]) -> str:
    return ", ".join(rules) or "none"
