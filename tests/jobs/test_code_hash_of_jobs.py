"""The identity of every kind of job moves with the code that makes its numbers."""

import shutil
from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest
from edited import Edit, editing
from shared_fixtures import ROOT

from cxv.config.augmentation import Flip
from cxv.config.mix import Mix
from cxv.config.spec import (
    ConfigSearch,
    Counts,
    Dataset,
    Examples,
    Model,
    ModelSummary,
    Network,
    Profile,
    Run,
    Space,
    Variant,
)
from cxv.jobs import (
    config_search,
    counts,
    examples,
    fetch,
    model_summary,
    profile,
    report,
    table,
    train,
)


@pytest.fixture
def real(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Edit]:
    """Work on a copy of the project's own code."""
    shutil.copytree(ROOT / "cxv", tmp_path / "cxv")
    yield from editing(tmp_path, monkeypatch)


CPV = Model(name="cpv", zoo="cpv")
BATCH_NORM = Variant(name="batch_norm", edits=("batch_norm",))
FLIP = Flip(name="flip")
DATASETS = {
    "digits": Dataset(name="digits", source="digits"),
    "cifar10": Dataset(name="cifar10", source="cifar10"),
    "cifar100": Dataset(name="cifar100", source="cifar100"),
    "tiny_imagenet": Dataset(name="tiny_imagenet", source="tiny_imagenet"),
    "image_folder": Dataset(name="photos", source="image_folder", path="photos"),
}


def identities(run: Run) -> dict[str, Callable[[], str]]:
    """Return the identity of one job of each kind: all of CPV, with an ablation and a flip."""
    augmented = run.phases[0].model_copy(update={"augment": (FLIP,), "mix": Mix(mixup=0.8)})
    whole = {"model": CPV, "variant": BATCH_NORM, "phases": (augmented,)}
    space = Space(edits=((), ("batch_norm",)))
    search = ConfigSearch(
        model=CPV, params_m="1.3", macs_g="1.37", image_size=32, classes=10, space=space
    )
    plain = Variant(name="base")
    networks = {
        model.name: Network(model=model, variant=plain, image_size=32, classes=10)
        for model in (CPV, Model(name="resnet18", zoo="resnet18"))
    }
    return {
        "run": lambda: train.job(run.model_copy(update=whole)).code,
        "profile": lambda: (
            profile.job(
                Profile(dataset=DATASETS["cifar10"], model=CPV, variant=BATCH_NORM, batch=32)
            ).code
        ),
        "config_search": lambda: config_search.job(search).code,
        "model_summary": lambda: (
            model_summary.job(
                ModelSummary(model=CPV, variant=BATCH_NORM, image_size=32, classes=10)
            ).code
        ),
        "counts": lambda: counts.job(Counts(networks=networks)).code,
        "examples": lambda: (
            examples.job(Examples(dataset=DATASETS["digits"], augment=((FLIP,),))).code
        ),
        "table": table.code,
        "report": report.code,
    } | {name: partial(fetch.code, dataset) for name, dataset in DATASETS.items()}


ENTRIES_OF = {
    "run": [
        *(
            "training.trainer:train_phase",
            "training.trainer:Learner",
            "training.evaluation:evaluate",
            "training.setup:network",
        ),
        *(
            "training.setup:prepare_training",
            "training.setup:outcome",
            "training.determinism:make_deterministic",
        ),
        *("training.loss:training_loss", "training.schedules:schedule", "augment.mix:draw"),
        *("networks.models.xformer:CPV", "networks.ablations:batch_norm", "augment.flip:draw"),
    ],
    "profile": [
        "profiling:profile",
        "training.setup:build",
        "networks.models.xformer:CPV",
        "networks.ablations:batch_norm",
    ],
    "config_search": [
        "paper.config_search:search",
        "networks.models.xformer:CPV",
        "networks.ablations:batch_norm",
    ],
    "model_summary": [
        *("profiling.model_summary:summarize_model", "profiling.model_summary:build"),
        *("networks.models.xformer:CPV", "networks.ablations:batch_norm"),
    ],
    "counts": [
        "profiling.counting:count",
        "networks.models.xformer:CPV",
        "networks.models.resnet:RESNET18",
    ],
    "examples": [
        "data.examples:make_examples",
        "data.examples:strip",
        "augment.flip:draw",
    ],
    "table": ["results.table:study_table", "results.lookup:find", "report.exports:table_csv"],
    "report": [
        *("jobs.report:contents", "jobs.plan:plan", "results.table:study_table"),
        *("report.rendering:write_report", "report.contents:ReportData", "results.lookup:find"),
        *(
            "paper.load_claims:load_paper",
            "paper.description:load_description",
            "paper.printed_against_ours:judge_cells",
        ),
    ],
    "digits": ["data.readers:digits", "data.sources:select", "data.sources:save"],
    "cifar10": ["data.readers:cifar", "data.sources:select", "data.sources:save"],
    "cifar100": ["data.readers:cifar", "data.sources:select", "data.sources:save"],
    "tiny_imagenet": ["data.readers:tiny_imagenet", "data.sources:select", "data.sources:save"],
    "image_folder": ["data.photos:image_folder", "data.sources:select", "data.sources:save"],
}
"""What makes the numbers of each kind of job."""


@pytest.mark.parametrize("kind", ENTRIES_OF)
def test_the_identity_of_a_job_moves_with_each_function_that_makes_its_numbers(
    real: Edit, run: Run, tmp_path: Path, kind: str
) -> None:
    """The least edit of anything: at the end of its module, its name is bound once more."""
    identity = identities(run)[kind]
    codes = [identity()]
    for entry in ENTRIES_OF[kind]:
        module, _, name = entry.partition(":")
        path = tmp_path / "cxv" / module.replace(".", "/")
        file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        text = file.read_text()
        real(str(file.relative_to(tmp_path / "cxv")), text, f"{text}\n{name} = {name}\n")
        codes.append(identity())
    moved = [before != after for before, after in pairwise(codes)]
    assert dict(zip(ENTRIES_OF[kind], moved, strict=True)) == dict.fromkeys(ENTRIES_OF[kind], True)


NETWORK = {"run", "profile", "config_search", "model_summary", "counts"}
DATA = set(DATASETS)
EDITS = [
    ("networks/mixers/performer.py", "1e-3", "1e-2", NETWORK),
    ("networks/mixers/nystrom.py", "landmarks", "marks", set()),  # of CNV
    ("networks/models/resnet.py", "F.relu", "F.gelu", {"counts"}),  # counted as CPV is
    (
        "networks/ablations.py",
        "def batch_norm(model",
        "def batch_norm(model, *_",
        NETWORK - {"counts"},
    ),
    ("networks/ablations.py", "def rotary(model", "def rotary(model, *_", set()),
    ("profiling/parameters.py", "numel()", "numel() + 1", NETWORK - {"run"}),
    ("profiling/throughput.py", "blocked_autorange", "adaptive_autorange", {"profile"}),
    ("profiling/model_summary.py", '"thop", "products"', '"thop", "fvcore"', {"model_summary"}),
    (
        "paper/config_search.py",
        "space.image_sizes or (spec.image_size,)",
        "space.image_sizes or (16,)",
        {"config_search"},
    ),
    ("augment/flip.py", "flip(1)", "flip(0)", {"run", "examples"}),
    ("augment/crop.py", "padding", "border", set()),
    ("augment/mix.py", "HALF = 0.5", "HALF = 0.4", {"run"}),
    ("training/phase_faults.py", "10_000", "9_000", set()),
    ("data/examples.py", "SEED = 0", "SEED = 1", {"examples"}),
    ("data/tensors.py", "div_(255)", "div_(256)", {"run"}),
    ("data/tensors.py", "digest = hashlib.sha256()", "digest = hashlib.sha512()", DATA),
    ("data/sources.py", "found[:wanted]", "found[-wanted:]", DATA),
    ("data/sources.py", "Fraction(sum(level**2", "Fraction(sum(level**3", DATA),
    ("data/readers.py", "* 255 + 8) // 16", "* 255) // 16", {"digits"}),
    ("data/readers.py", "splits[:count]", "splits[1:count]", {"cifar10", "cifar100"}),
    ("tracking/live.py", "2", "3", set()),
    ("wrong_values.py", "a finite number", "a number that ends", set()),
    ("config/faults.py", "MOST_FAULTS = 3", "MOST_FAULTS = 4", set()),
]


@pytest.mark.parametrize(("file", "old", "new", "moved"), EDITS)
def test_an_edit_moves_the_jobs_that_it_is_about_and_no_other(
    real: Edit, run: Run, file: str, old: str, new: str, moved: set[str]
) -> None:
    jobs = identities(run)
    before = {kind: identity() for kind, identity in jobs.items()}
    real(file, old, new)
    after = {kind: identity() for kind, identity in jobs.items()}
    assert {kind for kind in jobs if before[kind] != after[kind]} - {"report"} == moved


def test_an_edit_of_mixing_moves_no_run_that_mixes_nothing(real: Edit, run: Run) -> None:
    before = train.job(run).code
    real("augment/mix.py", "HALF = 0.5", "HALF = 0.4")
    assert train.job(run).code == before
