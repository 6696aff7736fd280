"""What the grid asks for against what is on disk: a record, or the reason why there is none."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Literal, TypeVar

from cxv.config.grid import Params
from cxv.config.spec import Counts, Examples, Forensics, Profile, Run, Sketch
from cxv.networks.registry import ZOO
from cxv.records import code_hash
from cxv.records.config_search import ForensicsRecord
from cxv.records.examples import ExamplesRecord
from cxv.records.model_summary import OutlineRecord
from cxv.records.run import CountsRecord, ProfileRecord, RecordError, RunRecord

Spec = TypeVar("Spec", bound=Run | Profile | Forensics | Sketch | Counts | Examples)
Record = TypeVar(
    "Record",
    bound=RunRecord
    | ProfileRecord
    | ForensicsRecord
    | OutlineRecord
    | CountsRecord
    | ExamplesRecord,
)


@dataclass(frozen=True, slots=True)
class Gap:
    """Why there is no number."""

    status: Literal["not run", "stale", "diverged", "one seed", "no pair"]
    reason: str


@dataclass(frozen=True, slots=True)
class Evidence(Generic[Spec, Record]):
    """A record that is asked for, and what was found in its place."""

    spec: Spec
    path: Path
    record: Record | Gap

    @property
    def source(self) -> str:
        """Name the file and the specification that it must embed."""
        return f"{self.path.as_posix()}#{self.spec.digest}"


RunEvidence = Evidence[Run, RunRecord]
ProfileEvidence = Evidence[Profile, ProfileRecord]
ForensicsEvidence = Evidence[Forensics, ForensicsRecord]
CountsEvidence = Evidence[Counts, CountsRecord]
OutlineEvidence = Evidence[Sketch, OutlineRecord]
ExamplesEvidence = Evidence[Examples, ExamplesRecord]


def find_runs(params: Params, study: str, folder: Path) -> Mapping[str, RunEvidence]:
    """Return every link of a study, by id; sources are named by ``folder`` as given."""
    return {name: find_run(run, folder) for name, run in params.runs(study).items()}


def find_run(run: Run, folder: Path) -> RunEvidence:
    """Return one link, likewise."""
    return _found(RunRecord.load, run, folder / run.id / "metrics.json", code_hash.of_run(run))


def find_profiles(params: Params, study: str, folder: Path) -> Mapping[str, ProfileEvidence]:
    """Return every measurement of a study, by id; sources are named by ``folder`` as given."""
    return {name: find_profile(one, folder) for name, one in params.profiles(study).items()}


def find_profile(profile: Profile, folder: Path) -> ProfileEvidence:
    """Return one measurement, likewise."""
    path = folder / profile.id / "profile.json"
    return _found(ProfileRecord.load, profile, path, code_hash.of_profile(profile))


def find_forensics(
    rows: Iterable[str], searches: Mapping[str, Forensics], folder: Path
) -> tuple[ForensicsEvidence, ...]:
    """Return the searches of those ``rows`` that the paper has.

    Sources are named by ``folder`` as given.
    """
    return tuple(
        _found(
            ForensicsRecord.load,
            searches[row],
            folder / f"{row}.json",
            code_hash.of_forensics(searches[row]),
        )
        for row in rows
        if row in searches
    )


def find_outlines(params: Params, study: str, folder: Path) -> tuple[OutlineEvidence, ...]:
    """Return the outlines of the networks that a study trains and the paper draws."""
    return tuple(
        _found(OutlineRecord.load, sketch, folder / f"{name}.json", code_hash.of_outline(sketch))
        for name, sketch in params.sketches(study).items()
    )


def find_counts(path: Path) -> CountsEvidence:
    """Return what was counted of every row of Table 1."""
    spec = Counts(rows=tuple(ZOO))
    return _found(CountsRecord.load, spec, path, code_hash.of_counts(spec))


def find_examples(params: Params, study: str, folder: Path) -> tuple[ExamplesEvidence, ...]:
    """Return the examples of the augmentations that a study trains with."""
    return tuple(
        _found(ExamplesRecord.load, spec, folder / f"{name}.json", code_hash.of_examples(spec))
        for name, spec in params.examples(study).items()
    )


def _found(
    load: Callable[[Path, Spec], Record], spec: Spec, path: Path, code: str
) -> Evidence[Spec, Record]:
    try:
        record = load(path, spec)
    except RecordError as error:
        return Evidence(spec, path, Gap("stale" if path.exists() else "not run", str(error)))
    made_by = record.stamp.code
    if made_by != code:
        return Evidence(spec, path, Gap("stale", f"{path}: made by code {made_by}, now {code}"))
    return Evidence(spec, path, record)


def top1(run: RunEvidence) -> float | None:
    """Return the test top-1 of a run that may be averaged, as a fraction of 1."""
    return None if isinstance(run.record, Gap) else run.record.outcome.top1


def tally(seeds: Sequence[RunEvidence]) -> str:
    """Return, say, ``1 of 3 diverged (seed 2)``; empty if every seed finished."""
    lost = {
        status: [str(seed.spec.seed) for seed in seeds if seed.record.status == status]
        for status in ("stale", "diverged", "not run")
    }
    return "; ".join(
        f"{len(which)} of {len(seeds)} {status} (seed {', '.join(which)})"
        for status, which in lost.items()
        if which
    )


def why_none(seeds: Sequence[RunEvidence]) -> Gap:
    """Return why no seed gave a number: the gravest reason, and all of them told."""
    statuses = {seed.record.status for seed in seeds}
    if "stale" in statuses:
        return Gap("stale", tally(seeds))
    return Gap("diverged" if "diverged" in statuses else "not run", tally(seeds))
