"""The records that claims are judged by; the files next to them are read once, when asked for."""

from collections.abc import Iterable, Mapping
from functools import cached_property

from cxv.config.vocabulary import Means
from cxv.records.costs import CostProfile, Counted
from cxv.records.history import Epoch, load_history
from cxv.results.correct_answers import Answers, read_answers
from cxv.results.lookup import (
    CountsLookup,
    Gap,
    ProfileLookup,
    RunLookup,
    top1,
)
from cxv.results.seed_variances import SeedVariances
from cxv.results.selection import Trained

NAMED = 3  # runs of each kind that a line names


class Records:
    """All that was found of the runs and networks that some studies ask for.

    Only what is as ``means`` has it is found by its names: a run that gives a model of the paper
    another width is none of those that a claim about the model speaks of.
    """

    def __init__(
        self,
        means: Means,
        runs: Iterable[RunLookup],
        profiles: Iterable[ProfileLookup],
        counts: CountsLookup | None = None,
        usual_recipe: str = "",
    ) -> None:
        self.usual_recipe = usual_recipe  # goes without saying where runs are named
        self.runs = {run.spec.id: run for run in runs}
        self.profiles = {
            profile.spec.id: profile for profile in profiles if means.has_network(profile.spec)
        }
        self._counts = counts
        self._recipes = means.recipes
        self._seeds: dict[tuple[str, ...], dict[int, RunLookup]] = {}
        for run in self.runs.values():
            spec = run.spec
            if not means.has(spec):
                continue
            key = (spec.dataset.name, spec.model.name, spec.variant.name, *spec.links)
            self._seeds.setdefault(key, {})[spec.seed] = run
        self._answers: dict[str, Answers | None] = {}
        self._histories: dict[str, tuple[Epoch, ...] | None] = {}

    @cached_property
    def seed_variances(self) -> SeedVariances:
        """What all runs together say of the variance between seeds."""
        return SeedVariances(self.runs.values())

    def seeds(self, one: Trained) -> Mapping[int, RunLookup]:
        """Return every run that a study asks for, by seed; empty if none does."""
        links = self._recipes.get(one.recipe, ())
        return self._seeds.get((one.dataset, one.model, one.variant, *links), {})

    def answers(self, run: RunLookup) -> Answers | None:
        """Return which test images a run answers rightly; None if it has no top-1."""
        if run.spec.id not in self._answers:
            self._answers[run.spec.id] = read_answers(run)
        return self._answers[run.spec.id]

    def history(self, run: RunLookup) -> tuple[Epoch, ...] | None:
        """Return a link's epochs; None if there are none to read."""
        if run.spec.id not in self._histories:
            self._histories[run.spec.id] = _history(run)
        return self._histories[run.spec.id]

    def measured(self, network: str) -> CostProfile | None:
        """Return what was counted and measured of a network."""
        found = self.profiles.get(network)
        return None if found is None or isinstance(found.record, Gap) else found.record.measured

    def unmeasured(self, network: str) -> str:
        """Say why there is nothing; empty if there is."""
        found = self.profiles.get(network)
        if found is None:
            return "nothing here asks for it"
        return found.record.status if isinstance(found.record, Gap) else ""

    def counted(self, network: str) -> tuple[CostProfile | Counted, str] | None:
        """Return a network's counts, and where they stand: in its profile, else by themselves."""
        if measured := self.measured(network):
            return measured, self.profiles[network].source
        counts = self._counts
        if counts is None or isinstance(counts.record, Gap):
            return None
        found = counts.record.counted.get(network)
        return (found, counts.source) if found else None

    def before(self, run: RunLookup) -> RunLookup | None:
        """Return the link that a run continues."""
        parent = run.spec.parent
        return self.runs.get(parent.id) if parent else None

    def is_measured(self, one: Trained) -> bool:
        """Tell whether a study asks for the costs of a network."""
        return one.network in self.profiles

    def gaps(self, members: Iterable[Trained]) -> str:
        """Return ``4 of 6 runs; not run: ...``; empty if every run has given its top-1."""
        members = tuple(dict.fromkeys(members))
        runs = [run for one in members for run in self.seeds(one).values()]
        lost: dict[str, list[str]] = {}
        for run in runs:
            if top1(run) is None:
                lost.setdefault(run.record.status, []).append(run.spec.id)
        alien = [f"{one.network} {one.recipe}" for one in members if not self.seeds(one)]
        parts = [f"{status}: {few(sorted(ids))}" for status, ids in sorted(lost.items())]
        if alien:
            parts.append(f"nothing here asks for {few(alien)}")
        if not parts:
            return ""
        return "; ".join(
            [f"{len(runs) - sum(map(len, lost.values()))} of {len(runs)} runs", *parts]
        )

    def is_complete(self, members: Iterable[Trained]) -> bool:
        """Tell whether every run is over, whatever came of it."""
        return all(
            self.seeds(one)
            and not any(isinstance(run.record, Gap) for run in self.seeds(one).values())
            for one in members
        )


def few(names: list[str]) -> str:
    """Return the first few of some names, and how many more there are."""
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def _history(run: RunLookup) -> tuple[Epoch, ...] | None:
    try:
        return load_history(run.path.with_name("history.csv")) or None
    except (OSError, ValueError):
        return None
