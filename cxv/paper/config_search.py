"""Which networks, counted how, have the parameters and the MACs that the paper prints."""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

import torch

from cxv.config.spec import ConfigSearch, Model
from cxv.networks.registry import Description, describe
from cxv.profiling.macs import count_macs
from cxv.profiling.parameters import count_module_params, count_params
from cxv.records.config_search import GIGA, MEGA, Candidate, SearchResult


def search(spec: ConfigSearch) -> SearchResult:
    """Count every network of a space by every rule.

    MACs take a forward pass, so they are counted of those that have the printed parameters and of
    the paper's own; of all others only if nothing explains both numbers.

    Raises:
        ValueError: the space leaves out the paper's own network, or holds an impossible one.
    """
    candidates = [_by_params(spec, *network) for network in _networks(spec)]
    counted = [_with_macs(spec, x) if x.chosen or x.params_rules(spec) else x for x in candidates]
    choice = next((x for x in counted if x.chosen), None)
    if choice is None:
        raise ValueError(f"the space of {spec.id} leaves out the network that means.yaml has")
    explanations = tuple(x for x in counted if x.params_rules(spec) and x.macs_rules(spec))
    return SearchResult(
        tried=len(candidates),
        choice=choice,
        explanations=explanations,
        nearest=() if explanations else _nearest(spec, counted),
    )


def _networks(spec: ConfigSearch) -> Iterator[tuple[dict[str, Any], tuple[str, ...], int]]:
    space = spec.space
    for values in product(*space.settings.values()):
        settings = dict(zip(space.settings, values, strict=True))
        for edits, image_size in product(space.edits, space.image_sizes or (spec.image_size,)):
            yield settings, edits, image_size


def _by_params(
    spec: ConfigSearch, settings: dict[str, Any], edits: tuple[str, ...], image_size: int
) -> Candidate:
    description = described_by(spec.model, settings, edits)
    with torch.device("meta"):
        model = description.build(spec.classes, image_size)
    return Candidate(
        settings=settings,
        edits=edits,
        image_size=image_size,
        chosen=(description, image_size) == (described_by(spec.model, {}, ()), spec.image_size),
        params={"all": count_params(model), "modules": count_module_params(model)},
        macs={},
    )


def _with_macs(spec: ConfigSearch, candidate: Candidate) -> Candidate:
    if candidate.macs:
        return candidate
    size = candidate.image_size
    description = described_by(spec.model, candidate.settings, candidate.edits)
    model = description.build(spec.classes, size)
    macs = count_macs(model.eval(), torch.zeros(1, 3, size, size))
    counts = {convention: counted.macs for convention, counted in macs.items()}
    return candidate.model_copy(update={"macs": counts})


def has_own_network(spec: ConfigSearch) -> bool:
    """Tell whether a space holds the network that ``means.yaml`` has."""
    own = described_by(spec.model, {}, ())
    return any(
        (described_by(spec.model, settings, edits), image_size) == (own, spec.image_size)
        for settings, edits, image_size in _networks(spec)
    )


def described_by(model: Model, settings: Mapping[str, Any], edits: tuple[str, ...]) -> Description:
    """Describe a network by dotted keys: ``mixer.heads`` for ``{"mixer": {"heads": ...}}``.

    Raises:
        ValueError: a setting is unknown or impossible, or an edit does not fit.
    """
    found: dict[str, Any] = {}
    for key, value in settings.items():
        inner, (*parents, last) = found, key.split(".")
        for parent in parents:
            inner = inner.setdefault(parent, {})
        inner[last] = value
    return describe(model.zoo, settings=model.set, edits=edits, variant_settings=found)


def _nearest(spec: ConfigSearch, candidates: list[Candidate]) -> tuple[Candidate, Candidate]:
    """Return what misses the parameters by least, and what misses the MACs by least."""
    counted = [_with_macs(spec, candidate) for candidate in candidates]

    def misses(x: Candidate) -> tuple[float, float]:
        return (
            0.0 if x.params_rules(spec) else _distance(x.params, spec.params_m, MEGA),
            0.0 if x.macs_rules(spec) else _distance(x.macs, spec.macs_g, GIGA),
        )

    return min(counted, key=misses), min(counted, key=lambda x: misses(x)[::-1])


def _distance(counts: Mapping[Any, int], printed: str, unit: float) -> float:
    return min(abs(count / unit - float(printed)) for count in counts.values())
