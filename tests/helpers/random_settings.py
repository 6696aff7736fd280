"""Studies of a second as params.yaml writes them, drawn by hypothesis, and what becomes of them."""

import re
from copy import deepcopy
from pathlib import Path
from typing import Any

import torch
import yaml
from hypothesis import strategies as st
from odd_photos import pixels, put, saved
from random_values import Draw, around, edited
from registry_rows import TABLE1
from settings_rows import AUGMENTATIONS, MODELS, MOMENTUM, RATE, SCHEDULES, SHIPPED

from cxv.config.load import ParamsError, load
from cxv.config.spec import Run
from cxv.config.torch_arguments import OPTIMIZERS
from cxv.data.readers import Source
from cxv.data.sources import describe, read
from cxv.data.tensors import Images
from cxv.errors import UserError
from cxv.jobs import check
from cxv.training import setup
from cxv.training.batch_limits import refuse_one_image
from cxv.training.determinism import make_deterministic
from cxv.training.trainer import Learner, train_phase

PHOTOS = "photos"
LINE = re.compile(r"\S+params\.yaml(:\d+)?: .+")
LIBRARYS_OWN = ("Traceback", "pydantic", "discriminator", "constrained", "literal[", "NoneType")
MOST_WEIGHTS = 300_000
"""Of a network that is trained: larger ones only cost time."""

MOST_TESTED = 60
"""Images on which an epoch is scored."""

EPOCHS = 2

PHASE = {
    "optimizer": {"name": "AdamW", "lr": RATE},
    "batch": 64,
    "patience": 3,
    "max_epochs": 4,
}


def base(model: str, dataset: dict[str, Any]) -> dict[str, Any]:
    """Return a study that trains a small network once."""
    block = {"datasets": ["images"], "models": ["net"], "variants": ["base"], "recipes": ["both"]}
    return {
        "study": "one",
        "seeds": [0],
        "profile_batch": 8,
        "training": SHIPPED["training"] | {"micro_batch": None, "compile": False},
        "datasets": {"images": dataset},
        "models": {"net": deepcopy(MODELS[model])},
        "variants": {"base": {}},
        "phases": {"first": PHASE, "second": PHASE | {"optimizer": MOMENTUM}},
        "recipes": {"both": ["first", "second"]},
        "studies": {"one": {"title": "One network", "runs": [block]}},
    }


@st.composite
def settings(draw: Draw) -> dict[str, Any]:
    """Return a study of one network whose phases have any optimizer, schedule and augmentations.

    Half of them have something somewhere that was not meant to be there.
    """
    tree = base(draw(st.sampled_from(TABLE1)), draw(st.sampled_from(DATASETS)))
    for phase in ("first", "second"):
        name = draw(st.sampled_from(sorted(OPTIMIZERS)))
        known = OPTIMIZERS[name]
        more = {key: value for key, value in known.items() if draw(st.booleans())}
        schedule = draw(st.sampled_from((None, *SCHEDULES)))
        steps = draw(st.lists(st.sampled_from(AUGMENTATIONS), max_size=3))
        tree["phases"][phase] = PHASE | {
            "optimizer": {"name": name, "lr": RATE} | more,
            "schedule": schedule and {"name": schedule, **SCHEDULES[schedule]},
            "augment": steps,
            "mix": draw(st.sampled_from((None, {"mixup": 0.8}, {"cutmix": 1.0}))),
            "label_smoothing": draw(st.sampled_from((0.0, 0.1))),
            "batch": draw(st.sampled_from((7, 64, 300))),
        }
    tree["training"]["memory"] = draw(st.sampled_from(("eager", "fused", "lean")))
    tree["training"]["autocast_cpu"] = draw(st.sampled_from(("float32", "bfloat16", "float16")))
    tree = draw(around(tree))
    for _ in range(draw(st.sampled_from((0, 0, 0, 1, 1, 2)))):
        tree = draw(edited(tree))
    return tree


DATASETS: tuple[dict[str, Any], ...] = (
    {"source": "digits"},
    {"source": "digits", "per_class": {"train": 5, "test": 5}},
    {"source": "image_folder", "path": PHOTOS, "image_size": 8},
    {"source": "image_folder", "path": f"{PHOTOS}/train", "split": 0.25, "image_size": 9},
)


def make_photos(folder: Path) -> None:
    """Write the few photos of two classes that ``DATASETS`` name."""
    ramp = range(0, 240, 20)
    put(
        folder / PHOTOS,
        {
            f"{part}/{name}/{number}.png": saved(
                pixels([[[x + number, x // 2 + label, 240 - x + 9 * step] for x in ramp]] * 12),
                "PNG",
            )
            for step, part in enumerate(("train", "test"))
            for label, name in enumerate(("cat", "dog"))
            for number in range(4)
        },
    )


def outcome(tree: Any, folder: Path) -> str:
    """Tell what becomes of settings: refused in plain words, trained, or too large to try here.

    Args:
        tree: of params.yaml.
        folder: where it is written, next to the photos.
    """
    path = folder / "params.yaml"
    path.write_text(yaml.safe_dump(tree, allow_unicode=True))
    try:
        params = load(path, also=check.faults)
        runs = params.runs(next(iter(params.studies)))
    except ParamsError as error:
        for line in str(error).splitlines():
            assert LINE.fullmatch(line), line
            assert not any(word in line for word in LIBRARYS_OWN), line
        return "refused"
    run = runs[max(runs, key=len)]
    dataset = params.datasets[run.dataset.name]
    if dataset.path:  # as if the command were typed in that folder
        dataset = dataset.model_copy(update={"path": str(folder / dataset.path)})
    try:
        return trained(run, read(dataset, mirror=None, downloads=folder))
    except UserError:
        if dataset.source == "digits":
            raise
        return "refused when its photos were read"


def trained(run: Run, source: Source) -> str:
    """Train two epochs of a run as the workflow does, without its files; tell how that ended."""
    if run.training.compile:
        return "not tried: compiling takes minutes"
    make_deterministic(min(run.training.cpu_threads, 2))
    facts = describe(run.dataset, source)
    with torch.device("meta"):
        shape = setup.build(run, facts)
    if sum(weight.numel() for weight in shape.parameters()) > MOST_WEIGHTS:
        return "too large to try"
    model = setup.network(run, facts, None)
    course, _ = setup.prepare_training(run, _fewer(run, source.images), facts, torch.device("cpu"))
    refuse_one_image(run, model, len(course.train), facts.shape[-1])
    learner = Learner(model, course)

    def stop_early(_: object) -> None:
        if len(learner.history) == EPOCHS:
            raise EnoughError

    try:
        return train_phase(learner, listeners=[stop_early]).ended_by
    except EnoughError:
        return "trained"


class EnoughError(Exception):
    """Two epochs are made."""


def _fewer(run: Run, images: Images) -> Images:
    """Return enough of the images for one step and the last one, which is as large as with all."""
    batch, count = run.phase.batch, len(images.train)
    if run.training.validation_fraction or batch >= count:
        return images
    return Images(images.train[: batch + count % batch], images.test[:MOST_TESTED])
