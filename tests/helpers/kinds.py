"""Every kind of record that a study looks for: its path, how it is saved and found."""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import samples
from look_up import (
    find_counts,
    find_examples,
    find_profiles,
    find_runs,
    find_searches,
    find_summaries,
)
from papers import PAPER
from profiled import predicted, save_profile, stamp

from cxv.config.grid import Params
from cxv.config.strict_model import StrictModel
from cxv.jobs.config_search import job as search_job
from cxv.jobs.counts import job as counts_job
from cxv.jobs.examples import job as examples_job
from cxv.jobs.model_summary import job as summary_job
from cxv.jobs.profile import job as profile_job
from cxv.jobs.train import job as train_job
from cxv.records.config_search import Candidate, ConfigSearchRecord, SearchResult
from cxv.records.costs import Counted, CountsRecord
from cxv.records.examples import ExamplesRecord
from cxv.records.model_summary import ModelSummaryRecord, ModuleSummary
from cxv.records.record import Record
from cxv.results.lookup import Lookup

DESCRIPTION = PAPER.description
SEARCHES = DESCRIPTION.searches()
COUNTS = DESCRIPTION.counts()
assert COUNTS
RUN = "cifar10/cnv/base/s1/adamw_ra/adamw"
PROFILE = "digits/cpv_small/gelu"


@dataclass(frozen=True)
class Kind:
    """One kind of record: its path, what it has to be, and how it is looked for."""

    path: str
    spec: Callable[[Params], StrictModel]
    code: Callable[[Any], str]
    save: Callable[[Path, Any], None]
    find: Callable[[Params, Path], Lookup[Any, Any]]


def write(path: Path, record: Record) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(record.text())


def save_search(path: Path, spec: Any) -> None:
    choice = Candidate(
        settings={}, edits=(), image_size=32, chosen=True, params={"all": 1}, macs={}
    )
    found = SearchResult(tried=1, choice=choice, explanations=(choice,), nearest=())
    made = stamp(search_job(spec).code, seconds=1.0)
    write(path, ConfigSearchRecord(spec=spec, findings=found, stamp=made))


def save_outline(path: Path, spec: Any) -> None:
    block = ModuleSummary(
        name="", kind="CNV", detail="", form="whole", shape=(10,), params=7, macs={}
    )
    made = stamp(summary_job(spec).code, seconds=1.0)
    write(path, ModelSummaryRecord(spec=spec, model_summary=block, stamp=made))


def save_counts(path: Path, spec: Any) -> None:
    one = Counted(
        params=6, params_modules=5, macs_thop=7, macs_ptflops=8, macs_fvcore=9, macs_products=10
    )
    with_memory = one.model_copy(update={"memory": predicted(11)})
    counted = {name: with_memory if name in spec.memory else one for name in spec.networks}
    made = stamp(counts_job(spec).code, seconds=1.0)
    write(path, CountsRecord(spec=spec, counted=counted, stamp=made))


def save_examples(path: Path, spec: Any) -> None:
    strip = b64encode(b"png")
    made = stamp(examples_job(spec).code, seconds=1.0)
    record = ExamplesRecord(
        spec=spec,
        data_sha256="d",
        classes=("cat",) * spec.images,
        originals=strip,
        augmented=(strip,) * len(spec.augment),
        stamp=made,
    )
    write(path, record)


def only(found: tuple[Any, ...]) -> Any:
    [one] = found
    return one


KINDS = {
    "run": Kind(
        path=f"{RUN}/metrics.json",
        spec=lambda params: params.runs("small")[RUN],
        code=lambda spec: train_job(spec).code,
        save=lambda path, spec: samples.save_run(path.parents[6], spec) and None,
        find=lambda params, root: find_runs(params, "small", root)[RUN],
    ),
    "profile": Kind(
        path=f"{PROFILE}/profile.json",
        spec=lambda params: params.profiles("small")[PROFILE],
        code=lambda spec: profile_job(spec).code,
        save=lambda path, spec: save_profile(path.parents[3], spec) and None,
        find=lambda params, root: find_profiles(params, "small", root)[PROFILE],
    ),
    "search": Kind(
        path="vit.json",
        spec=lambda _: SEARCHES["vit"],
        code=lambda spec: search_job(spec).code,
        save=save_search,
        find=lambda _, root: only(find_searches(["none", "vit"], SEARCHES, root)),
    ),
    "model_summary": Kind(
        path="cnv.json",
        spec=lambda params: DESCRIPTION.drawn()["cnv"],
        code=lambda spec: summary_job(spec).code,
        save=save_outline,
        find=lambda params, root: only(find_summaries(params, "small", root, DESCRIPTION)),
    ),
    "counts": Kind(
        path="counts.json",
        spec=lambda _: COUNTS,
        code=lambda spec: counts_job(spec).code,
        save=save_counts,
        find=lambda _, root: find_counts(root / "counts.json", COUNTS),
    ),
    "examples": Kind(
        path="cifar10_{digest}.json",
        spec=lambda params: only(tuple(params.examples("small").values())),
        code=lambda spec: examples_job(spec).code,
        save=save_examples,
        find=lambda params, root: only(find_examples(params, "small", root)),
    ),
}
