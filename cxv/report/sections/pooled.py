"""What a recipe or an ablation adds in a new model: its effect, pooled over models of a study."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from cxv.report.sections.differences import Axis, Difference
from cxv.report.wording import label
from cxv.results.differences import Sample, by_image, sample_of
from cxv.results.lookup import Gap
from cxv.results.records import Records
from cxv.results.table import Row
from cxv.statistics import ALPHA, Effect, Interval, Pooled, pool

Models = dict[str, Difference]
"""By name: what each model of one dataset has."""


@dataclass(frozen=True, slots=True)
class PooledDifference:
    """What is added over all models that have it, on one dataset or on several."""

    datasets: tuple[str, ...]
    variant: str
    recipe: str
    against: str
    effects: tuple[float, ...]  # of each model, percentage points
    of: int  # models that were tried
    found: Pooled
    note: str  # which models are left out, and over what the interval is not

    @property
    def interval(self) -> Interval | None:
        """In percentage points; None of fewer than three models."""
        return self.found.interval(ALPHA)

    @property
    def who(self) -> str:
        """Count the models."""
        models = self.found.models
        return f"all {models} models" if models == self.of else f"{models} of {self.of} models"

    @property
    def data(self) -> str:
        """Name the dataset, or count them."""
        several = len(self.datasets) > 1
        return f"all {len(self.datasets)} datasets" if several else self.datasets[0]

    @property
    def spread(self) -> str:
        """Say how far models are apart."""
        if self.found.spread is None:
            return ""
        if not self.found.spread:
            return "models differ by no more than chance"
        return f"standard deviation between models {self.found.spread:.2f}"


def pooled_differences(
    differences: Sequence[Difference], records: Records, axis: Axis
) -> tuple[PooledDifference, ...]:
    """Return a line for each recipe or ablation that several models have, dataset by dataset.

    Then one over all datasets, of the models that have it on each; none where datasets are parts of
    one another, or share their test images.
    """
    groups: dict[tuple[str, str, str], dict[str, Models]] = {}
    for one in differences:
        against = one.base.recipe if axis == "recipe" else one.base.variant.name
        key = (one.row.variant.name, one.row.recipe, against)
        models = groups.setdefault(key, {}).setdefault(one.row.dataset.name, {})
        models[one.row.model.name] = one
    lines: list[PooledDifference] = []
    for names, by_dataset in groups.items():
        sets = [{name: models} for name, models in by_dataset.items()]
        if len(by_dataset) > 1 and _share_no_images(by_dataset):
            sets.append(by_dataset)
        lines += (line for one in sets for line in _pooled(names, one, records))
    return tuple(lines)


def _share_no_images(by_dataset: Mapping[str, Models]) -> bool:
    first = [next(iter(models.values())).row.dataset for models in by_dataset.values()]
    # Two folders of photos may hold the same ones.
    return len({one.source for one in first}) == len(first)


def _pooled(
    names: tuple[str, str, str], by_dataset: Mapping[str, Models], records: Records
) -> Iterator[PooledDifference]:
    """Yield the line; none of fewer than two models with a number on every dataset."""
    every = {name: one for models in by_dataset.values() for name, one in models.items()}
    lost = {name: why for name in every if (why := _why_lost(name, by_dataset))}
    kept = [name for name in every if name not in lost]
    effects = [[_effect(models[name], records) for name in kept] for models in by_dataset.values()]
    found = pool(effects)
    if found is None:
        return
    left_out = ", ".join(f"{label(every[name].row.model)} ({why})" for name, why in lost.items())
    by_images = all(one.by_image is not None for on in effects for one in on)
    notes = [f"without {left_out}"] if left_out else []
    notes += [] if by_images else ["not over test images, as they differ"]
    yield PooledDifference(
        tuple(by_dataset),
        *names,
        effects=tuple(fmean(on[i].estimate.mean for on in effects) for i in range(len(kept))),
        of=len(every),
        found=found,
        note="; ".join(notes),
    )


def _why_lost(name: str, by_dataset: Mapping[str, Models]) -> str:
    """Say why a model has no number on every dataset; empty if it has."""
    for dataset, models in by_dataset.items():
        if name not in models:
            return f"not on {dataset}"
        if isinstance(cell := models[name].cell, Gap):
            return cell.status
    return ""


def _effect(one: Difference, records: Records) -> Effect:
    if one.estimate is None:
        raise ValueError(f"{one.row.model.name}: no difference to pool")
    return Effect(one.estimate, by_image(records, _sample(one.row), _sample(one.base)))


def _sample(row: Row) -> Sample:
    return sample_of({run.spec.seed: run for run in row.seeds})
