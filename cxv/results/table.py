"""Records -> the cells of a study's table; where a number is missing, the cell says why."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import attrgetter
from statistics import fmean, stdev

from cxv.config.grid import Params
from cxv.config.phases import Phase, Training
from cxv.config.spec import Dataset, Model, Run, Variant
from cxv.records.run import Cell
from cxv.results.lookup import (
    FRACTION,
    Gap,
    ProfileLookup,
    RunLookup,
    count_statuses,
    counted,
    top1,
    why_none,
)
from cxv.results.optimism_cells import optimism_cells
from cxv.results.speeds import SPEED, speed_cells


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: all seeds of one model, trained one way."""

    dataset: Dataset
    model: Model
    variant: Variant
    recipe: str
    phases: tuple[Phase, ...]
    seeds: tuple[RunLookup, ...]
    profile: ProfileLookup
    cells: Mapping[str, Cell | Gap]  # by the keys of COLUMNS, and top1_optimism

    @property
    def note(self) -> str:
        """Say which seeds gave no number, if any."""
        return count_statuses(self.seeds)


@dataclass(frozen=True, slots=True)
class Table:
    """A study's table, and every record that it looked for."""

    study: str
    title: str
    training: Training
    recipes: Mapping[str, tuple[str, ...]]  # by name: phases
    rows: tuple[Row, ...]
    runs: tuple[RunLookup, ...]  # all links, shared ones once
    profiles: tuple[ProfileLookup, ...]

    @property
    def selection(self) -> str:
        """Say which images chose the epoch whose weights are scored."""
        if self.training.validation_fraction is None:
            return "epoch selected on the test split"
        share = f"{self.training.validation_fraction:.0%}"
        return f"epoch selected on {share} of the training images, held out from training"

    @property
    def optimism(self) -> str:
        """Say what the corrected top-1 is."""
        if self.training.select_on == "test":
            return (
                "Corrected: the mean less its optimism, which is what it owes to epochs being"
                " picked on the images that they are scored on; measured by picking on one half"
                " of the images and scoring on the other"
            )
        return "Corrected: the mean itself, as no epoch was picked on the test split"


@dataclass(frozen=True, slots=True)
class Column:
    """How a cell is headed and printed; its value keeps its own unit."""

    heading: str
    unit: str  # as printed
    show: Callable[[float], str]


def _percent(value: float) -> str:
    return f"{100 * value:.2f}"


def _whole_percent(value: float) -> str:
    return f"{100 * value:.0f}"


def _whole(value: float) -> str:
    return f"{value:,.0f}"


def _millions(value: float) -> str:
    return f"{value / 1e6:,.1f}"


def _giga(value: float) -> str:
    return f"{value / 1e9:.3g}"


COLUMNS: Mapping[str, Column] = {
    "top1_best": Column("Best", "top-1, %", _percent),
    "top1_mean": Column("Mean", "top-1, %", _percent),
    "top1_sd": Column("sd", "points", _percent),
    "top1_without_optimism": Column("Corrected", "mean, %", _percent),
    "n": Column("n", "seeds", _whole),
    "params": Column("Params", "all", _whole),
    "params_modules": Column("Params", "in modules", _whole),
    "macs_thop": Column("MACs", "M, thop", _millions),
    "macs_fvcore": Column("MACs", "M, fvcore", _millions),
    "predicted_peak_bytes": Column("Memory", "GB, eager", _giga),
    "predicted_lean_peak_bytes": Column("Memory", "GB, lean", _giga),
    "inference_images_per_second": Column("Inference", "images/s", _whole),
    "inference_spread": Column("Inference", "spread, %", _whole_percent),
}

COSTS: Mapping[str, tuple[str, str]] = {  # unit and rule of what a profile measures
    "params": ("parameters", "all elements of all parameters"),
    "params_modules": ("parameters", "weights and biases of modules alone"),
    "macs_thop": (
        "MACs per image",
        "thop 0.0.31: layers alone",
    ),
    "macs_fvcore": ("MACs per image", "fvcore: one per multiply-add"),
    "predicted_peak_bytes": (
        "bytes",
        "predicted peak of a training step in eager mode, float32, AdamW, no CUDA context",
    ),
    "predicted_lean_peak_bytes": (
        "bytes",
        "the same in less memory: feature maps computed again in the backward pass",
    ),
}


def study_table(
    params: Params,
    study: str,
    runs: Mapping[str, RunLookup],
    profiles: Mapping[str, ProfileLookup],
) -> Table:
    """Return what is known of a study; what is missing or stale leaves a ``Gap``.

    Args:
        params: the whole grid.
        study: a key of ``params.studies``, or ``all``.
        runs: all links that it needs, by id.
        profiles: of all its networks, by id.
    """
    named = params.studies.get(study)
    return Table(
        study=study,
        title=named.title if named else "Every study",
        training=params.training,
        recipes=params.recipes,
        rows=tuple(_rows(params, study, runs, profiles)),
        runs=tuple(runs.values()),
        profiles=tuple(profiles.values()),
    )


def _rows(
    params: Params,
    study: str,
    links: Mapping[str, RunLookup],
    measured: Mapping[str, ProfileLookup],
) -> Iterable[Row]:
    """Yield rows in the order in which the study names its parts; models without edits go first."""
    blocks = params.blocks(study)
    order = [
        list(dict.fromkeys(name for block in blocks for name in names(block)))
        for names in (attrgetter("datasets"), attrgetter("models"), attrgetter("variants"))
    ]
    recipes = {name: params.recipes[name] for block in blocks for name in block.recipes}
    chains = list(recipes.values())

    def rank(run: Run) -> tuple[int, ...]:
        names = (run.dataset.name, run.model.name, run.variant.name)
        dataset, model, variant = (known.index(x) for known, x in zip(order, names, strict=True))
        return dataset, model, run.variant.is_edited, variant, chains.index(run.links)

    for _, group in groupby(sorted(params.final_runs(study).values(), key=rank), key=rank):
        final_runs = list(group)
        run = final_runs[0]
        seeds = tuple(links[end.id] for end in final_runs)
        profile = measured[run.profile_id]
        yield Row(
            dataset=run.dataset,
            model=run.model,
            variant=run.variant,
            recipe=" = ".join(name for name, chain in recipes.items() if chain == run.links),
            phases=run.phases,
            seeds=seeds,
            profile=profile,
            cells=mark_stale(
                _accuracy(seeds) | optimism_cells(seeds, links) | _cost(profile), (*seeds, profile)
            ),
        )


def mark_stale(
    cells: Mapping[str, Cell | Gap], found: Iterable[RunLookup | ProfileLookup]
) -> dict[str, Cell | Gap]:
    """Return the cells; those are marked that other code made, with the reason in their rule."""
    reasons = {one.source: one.stale for one in found if one.stale}

    def marked(cell: Cell | Gap) -> Cell | Gap:
        if isinstance(cell, Gap) or not (why := [reasons[x] for x in cell.sources if x in reasons]):
            return cell
        return replace(cell, rule=f"{cell.rule}; stale: {'; '.join(why)}", stale=True)

    return {key: marked(cell) for key, cell in cells.items()}


def _accuracy(seeds: Sequence[RunLookup]) -> dict[str, Cell | Gap]:
    scored = {seed.source: value for seed in seeds if (value := top1(seed)) is not None}
    if not scored:
        return dict.fromkeys(("top1_best", "top1_mean", "top1_sd", "n"), why_none(seeds))
    values, lost = list(scored.values()), count_statuses(seeds)
    over = f"{counted(len(values))}{lost and f'; {lost}'}"

    def cell(value: float, unit: str, rule: str) -> Cell:
        return Cell(value, unit, f"{rule} {over}", tuple(scored))

    return {
        "top1_best": cell(max(values), FRACTION, "best of"),
        "top1_mean": cell(fmean(values), FRACTION, "mean of"),
        "top1_sd": cell(stdev(values), FRACTION, "sample standard deviation of")
        if len(values) > 1
        else Gap("one seed", "a spread takes two seeds"),
        "n": cell(float(len(values)), "seeds", "count of"),
    }


def _cost(profile: ProfileLookup) -> dict[str, Cell | Gap]:
    if isinstance(profile.record, Gap):
        return dict.fromkeys((*COSTS, *SPEED), profile.record)
    measured = profile.record.measured
    costs = {
        key: Cell(float(getattr(measured, key)), unit, rule, (profile.source,))
        for key, (unit, rule) in COSTS.items()
    }
    return costs | speed_cells(measured, profile.source)
