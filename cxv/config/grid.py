"""``params.yaml`` -> runs and profiles: the only place that knows the rules of the grid."""

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import chain, product
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, Field, NonNegativeInt, PositiveInt

from cxv.config.augmentation import Augmentation
from cxv.config.phases import Training
from cxv.config.spec import Examples, Profile, Run, Variant
from cxv.config.strict_model import FolderPath, Name, Positive, Specification
from cxv.config.vocabulary import Names, Vocabulary
from cxv.networks import own_settings

ALL = "all"
"""The study that is the union of every study with ``in_all: true``."""

RULES = frozenset(
    {
        "fetch",
        "train",
        "profile",
        "config_search",
        "model_summary",
        "counts",
        "examples",
        "table",
        "report",
        "track",
    }
)
"""The rules of the workflow: targets too, so no study may be called so."""

Entry = TypeVar("Entry")


def _distinct(seeds: tuple[int, ...]) -> tuple[int, ...]:
    twice = sorted(seed for seed, times in Counter(seeds).items() if times > 1)
    if twice:
        raise ValueError(f"each seed once, not {', '.join(map(str, twice))} twice")
    return tuple(sorted(seeds))


Seeds = Annotated[tuple[NonNegativeInt, ...], Field(min_length=1), AfterValidator(_distinct)]


Part = Literal["costs", "settings"]
Parts = Annotated[tuple[Part, ...], AfterValidator(lambda parts: tuple(sorted(set(parts))))]


class Selection(Specification):
    """A block of the grid: the product of its lists."""

    datasets: Names
    models: Names
    variants: Names = ("base",)
    recipes: Names
    seeds: Seeds | None = None


class Networks(Specification):
    """Models that are measured and not trained: the product of its lists."""

    datasets: Names
    models: Names
    variants: Names = ("base",)


class Study(Specification):
    """A question: the runs it selects, and further networks to measure."""

    title: str
    in_all: bool = True
    runs: Annotated[tuple[Selection, ...], Field(min_length=1)]
    measured: tuple[Networks, ...] = ()
    from_paper: Parts = ()  # judged without data: see ``Paper``

    def with_seeds(self, seeds: tuple[int, ...]) -> "Study":
        """Return the same on its own: with seeds in each block, and as the part that is asked."""
        runs = tuple(
            block.model_copy(update={"seeds": block.seeds or seeds}) for block in self.runs
        )
        return self.model_copy(update={"runs": runs, "in_all": True})


StalePolicy = Literal["retrain", "report"]
"""Of records that other code made: make them again, or show them and say so."""


class Gpus(Specification):
    """How trainings share the GPUs of a machine; no result depends on it."""

    share: Literal["none", "auto"] = "none"


class Params(Vocabulary):
    """``params.yaml``, whole, with the names of the paper that it inherits."""

    study: Name
    paper: FolderPath | None = (
        None  # the folder that describes it; None: nothing is held against one
    )
    mirror: str | None = None
    gpus: Gpus = Gpus()
    stale: StalePolicy = "retrain"
    checkpoint_seconds: Positive = 300.0  # between saves of a training within an epoch
    seeds: Seeds
    profile_batch: PositiveInt
    training: Training
    studies: dict[Name, Study]

    def chosen(self, study: str) -> dict[str, Study]:
        """Return the studies that ``study`` stands for: itself, or those that ``all`` unites."""
        return {
            name: entry
            for name, entry in self.studies.items()
            if name == study or (study == ALL and entry.in_all)
        }

    def blocks(self, study: str) -> tuple[Selection, ...]:
        """Return the blocks of the grid that the study selects."""
        return tuple(block for entry in self.chosen(study).values() for block in entry.runs)

    def networks(self, study: str) -> tuple[Selection | Networks, ...]:
        """Return the blocks of what the study trains or only measures."""
        measured = (block for entry in self.chosen(study).values() for block in entry.measured)
        return (*self.blocks(study), *measured)

    def only(self, study: str) -> "Params":
        """Return what one study depends on: its table is remade when this changes."""
        recipes = _picked(self.recipes, (x for block in self.blocks(study) for x in block.recipes))
        networks = self.networks(study)
        phases = _picked(self.phases, chain.from_iterable(recipes.values()))
        training = self.training.on_batches(phase.batch for phase in phases.values())
        return self.model_copy(
            update={
                "study": study,
                "mirror": None,  # where bytes come from is not what they are
                "gpus": Gpus(),  # nor is where they are computed
                "checkpoint_seconds": 300.0,  # nor how often a training is saved
                "seeds": (0,),  # each block has its own
                "training": training.on_any_device,
                "datasets": {
                    name: self.datasets[name].in_any_folder
                    for name in self.datasets
                    if any(name in block.datasets for block in networks)
                },
                "models": _picked(self.models, chain.from_iterable(x.models for x in networks)),
                "variants": self._variants_on(networks),
                "phases": phases,
                "recipes": recipes,
                "studies": {
                    name: entry.with_seeds(self.seeds) for name, entry in self.chosen(study).items()
                },
            }
        )

    def _variants_on(self, networks: Iterable[Selection | Networks]) -> dict[str, Variant]:
        """Return the variants of some networks, each with what it changes of any of its models."""
        found: dict[str, Variant] = {}
        for block in networks:
            for name, model in product(block.variants, block.models):
                on_model = self.variants[name].on(self.models[model])
                known = found.get(name, on_model)
                both = own_settings.merged(known.set, on_model.set)
                found[name] = on_model.model_copy(update={"set": both})
        return found

    def final_runs(self, study: str) -> dict[str, Run]:
        """Return the last link of every chain that the study asks for, by id."""
        return {
            run.id: run
            for block in self.blocks(study)
            for dataset, model, variant, recipe, seed in product(
                block.datasets,
                block.models,
                block.variants,
                block.recipes,
                block.seeds or self.seeds,
            )
            for run in [
                Run(
                    dataset=self.datasets[dataset],
                    model=self.models[model],
                    variant=self.variants[variant],
                    seed=seed,
                    phases=tuple(self.phases[name] for name in self.recipes[recipe]),
                    training=self.training,
                )
            ]
        }

    def runs(self, study: str) -> dict[str, Run]:
        """Return every link that the study needs, by id: shared prefixes once."""
        return {link.id: link for end in self.final_runs(study).values() for link in end.chain}

    def experiments(self) -> dict[str, str]:
        """Return the study under which each run is shown live: the first that asks for it."""
        homes: dict[str, str] = {}
        for study in self.studies:
            for run in self.runs(study):
                homes.setdefault(run, study)
        return homes

    def profiles(self, study: str) -> dict[str, Profile]:
        """Return every model to be measured for the study, by id."""
        found = (
            Profile(
                dataset=self.datasets[dataset],
                model=self.models[model],
                variant=self.variants[variant],
                batch=self.profile_batch,
            )
            for block in self.networks(study)
            for dataset, model, variant in product(block.datasets, block.models, block.variants)
        )
        return {profile.id: profile for profile in found}

    def from_paper(self, study: str) -> set[str]:
        """Return what the study judges of the paper without data: costs, settings."""
        return {part for entry in self.chosen(study).values() for part in entry.from_paper}

    def examples(self, study: str) -> dict[str, Examples]:
        """Return what the study's augmentations are shown on: one for each dataset, by id."""
        ways: dict[str, list[tuple[Augmentation, ...]]] = {}
        for run in self.runs(study).values():
            known = ways.setdefault(run.dataset.name, [])
            if run.phase.augment and run.phase.augment not in known:
                known.append(run.phase.augment)
        found = (
            Examples(dataset=self.datasets[name], augment=tuple(known))
            for name, known in ways.items()
            if known
        )
        return {examples.id: examples for examples in found}


def reserved(studies: Iterable[str]) -> set[str]:
    """Return the targets that no study may be named after: rules, and the parts of each study."""
    parts = (
        f"{study}_{part}" for study in (*studies, ALL) for part in ("data", "profiles", "runs")
    )
    return {ALL, *RULES, *parts}


def _picked(entries: Mapping[str, Entry], names: Iterable[str]) -> dict[str, Entry]:
    wanted = set(names)
    return {name: entry for name, entry in entries.items() if name in wanted}
