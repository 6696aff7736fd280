"""Every kind of record that a study looks for: where it lies, how it is saved and found."""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import samples
from profiled import save_profile, stamp
from shared_fixtures import ROOT

from cxv.config.grid import Params
from cxv.config.spec import Counts
from cxv.config.strict_model import Frozen
from cxv.networks.registry import ZOO
from cxv.paper.open_settings import searches
from cxv.records import code_hash
from cxv.records.config_search import Candidate, Findings, ForensicsRecord
from cxv.records.examples import ExamplesRecord
from cxv.records.model_summary import Block, OutlineRecord
from cxv.records.run import Counted, CountsRecord, Record
from cxv.results import lookup
from cxv.results.lookup import Evidence

SEARCHES = searches(ROOT / "data/paper/table1.csv")
RUN = "cifar10/cnv/base/s1/adamw_ra/adamw"
PROFILE = "digits/cpv_small/gelu"


@dataclass(frozen=True)
class Kind:
    """One kind of record: where it lies, what it has to be, and how it is looked for."""

    path: str
    spec: Callable[[Params], Frozen]
    code: Callable[[Any], str]
    save: Callable[[Path, Any], None]
    find: Callable[[Params, Path], Evidence[Any, Any]]


def write(path: Path, record: Record) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(record.model_dump_json())


def save_search(path: Path, spec: Any) -> None:
    choice = Candidate(
        settings={}, edits=(), image_size=32, chosen=True, params={"all": 1}, macs={}
    )
    found = Findings(tried=1, choice=choice, explanations=(choice,), nearest=())
    made = stamp(code_hash.of_forensics(spec), seconds=1.0)
    write(path, ForensicsRecord(spec=spec, findings=found, stamp=made))


def save_outline(path: Path, spec: Any) -> None:
    block = Block(name="", kind="CNV", detail="", form="whole", shape=(10,), params=7, macs={})
    made = stamp(code_hash.of_outline(spec), seconds=1.0)
    write(path, OutlineRecord(spec=spec, outline=block, stamp=made))


def save_counts(path: Path, spec: Any) -> None:
    counted = {row: Counted(params_paper=5, macs_paper=7) for row in spec.rows}
    made = stamp(code_hash.of_counts(spec), seconds=1.0)
    write(path, CountsRecord(spec=spec, counted=counted, stamp=made))


def save_examples(path: Path, spec: Any) -> None:
    strip = b64encode(b"png")
    made = stamp(code_hash.of_examples(spec), seconds=1.0)
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
        code=code_hash.of_run,
        save=lambda path, spec: samples.save_run(path.parents[6], spec) and None,
        find=lambda params, root: lookup.find_runs(params, "small", root)[RUN],
    ),
    "profile": Kind(
        path=f"{PROFILE}/profile.json",
        spec=lambda params: params.profiles("small")[PROFILE],
        code=code_hash.of_profile,
        save=lambda path, spec: save_profile(path.parents[3], spec) and None,
        find=lambda params, root: lookup.find_profiles(params, "small", root)[PROFILE],
    ),
    "search": Kind(
        path="vit.json",
        spec=lambda _: SEARCHES["vit"],
        code=code_hash.of_forensics,
        save=save_search,
        find=lambda _, root: only(lookup.find_forensics(["none", "vit"], SEARCHES, root)),
    ),
    "outline": Kind(
        path="cnv.json",
        spec=lambda params: params.sketches("small")["cnv"],
        code=code_hash.of_outline,
        save=save_outline,
        find=lambda params, root: only(lookup.find_outlines(params, "small", root)),
    ),
    "counts": Kind(
        path="counts.json",
        spec=lambda _: Counts(rows=tuple(ZOO)),
        code=code_hash.of_counts,
        save=save_counts,
        find=lambda _, root: lookup.find_counts(root / "counts.json"),
    ),
    "examples": Kind(
        path="cifar10_{digest}.json",
        spec=lambda params: only(tuple(params.examples("small").values())),
        code=code_hash.of_examples,
        save=save_examples,
        find=lambda params, root: only(lookup.find_examples(params, "small", root)),
    ),
}
