"""Every documented setting on every model: trained, or refused before anything starts.

`python tests/helpers/settings_table.py` tries them all and writes docs/settings.md.
"""

import json
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from settings_rows import (
    BATCH,
    IMAGES,
    MEMORY_ENDS_ABOVE,
    MODELS,
    ONE_LAYER,
    RATE,
    ROOT,
    SHIPPED,
    Setting,
    settings,
)
from torch import nn

from cxv.config.load import load
from cxv.config.spec import Dataset
from cxv.data.manifest import Manifest, Origin
from cxv.data.tensors import Images, Split, checksum
from cxv.errors import UserError
from cxv.jobs import check
from cxv.training import setup
from cxv.training.batch_limits import refuse_one_image
from cxv.training.determinism import make_deterministic
from cxv.training.trainer import Learner, Weights, train_phase

TABLE = ROOT / "docs/settings.md"


def params(model: str, setting: Setting) -> dict[str, Any]:
    """Return a params.yaml that trains one model under one setting."""
    phase = {
        "optimizer": {"name": "AdamW", "lr": RATE},
        "batch": BATCH,
        "patience": 3,
        "max_epochs": 1,
    }
    block = {"datasets": ["digits"], "models": ["model"], "recipes": ["recipe"]}
    return {
        "study": "study",
        "seeds": [0],
        "profile_batch": BATCH,
        "training": SHIPPED["training"] | setting.training,
        "datasets": {"digits": {"source": "digits"}},
        "models": {"model": _model(model, setting)},
        "variants": {"base": {}},
        "phases": {"phase": phase | setting.phase},
        "recipes": {"recipe": ["phase"]},
        "studies": {"study": {"title": "A table", "runs": [block]}},
    }


def _model(name: str, setting: Setting) -> dict[str, Any]:
    row: dict[str, Any] = MODELS[name]
    return row if not setting.compiles else row | {"set": row["set"] | ONE_LAYER[name]}


def dataset() -> tuple[Images, Manifest]:
    """Return noise of two classes, as large as digits, with what a manifest says of it."""
    random = torch.Generator().manual_seed(0)
    images = torch.randint(256, (2, IMAGES, 3, 8, 8), generator=random, dtype=torch.uint8)
    labels = torch.arange(IMAGES) % 2
    data = Images(Split(images[0], labels), Split(images[1], labels))
    half = (IMAGES // 2, IMAGES // 2)
    manifest = Manifest(
        dataset=Dataset(name="digits", source="digits"),
        origin=Origin(archive="", urls=(), license="", official=True, differing=(), md5={}),
        classes=("even", "odd"),
        train_images=half,
        test_images=half,
        shape=(3, 8, 8),
        mean=(0.5, 0.5, 0.5),
        std=(0.3, 0.3, 0.3),
        sha256=checksum(data),
    )
    return data, manifest


class Trial:
    """One setting tried on one model."""

    def __init__(self, model: str, setting: Setting, folder: Path) -> None:
        self.refusal: str | None = None
        self.weights: Weights = {}
        torch.compiler.reset()  # it gives up on a function after some networks
        try:
            learner = _prepared(model, setting, folder)
        except UserError as error:
            self.refusal = _generic(str(error))
            return
        before = learner.weights
        with _memory_that_ends(learner.model, setting.training.get("micro_batch") == "auto"):
            link = train_phase(learner)
        assert link.ended_by == "max_epochs"
        assert any(not torch.equal(link.weights[name], before[name]) for name in before)
        self.weights = link.weights


def _prepared(model: str, setting: Setting, folder: Path) -> Learner:
    """Do all that comes before the first step; UserError where the setting is refused."""
    path = folder / "params.yaml"
    path.write_text(json.dumps(params(model, setting)))
    [run] = load(path, also=check.faults).runs("study").values()
    make_deterministic(run.training.cpu_threads)
    data, manifest = dataset()
    network = setup.network(run, manifest, None)
    prepared, _ = setup.prepare_training(run, data, manifest, torch.device("cpu"))
    refuse_one_image(run, network, len(prepared.train), manifest.shape[-1])
    return Learner(network, prepared)


@contextmanager
def _memory_that_ends(model: nn.Module, wanted: bool) -> Iterator[None]:
    """Let steps of more than ``MEMORY_ENDS_ABOVE`` images run out of memory, if wanted."""

    def refuse(_: nn.Module, arguments: tuple[torch.Tensor, ...]) -> None:
        if torch.is_grad_enabled() and len(arguments[0]) > MEMORY_ENDS_ABOVE:
            raise torch.OutOfMemoryError("CUDA out of memory")

    hook = model.register_forward_pre_hook(refuse) if wanted else None
    yield
    if hook:
        hook.remove()


def _generic(refusal: str) -> str:
    """Return what is said but for where: the key, and what is wrong with it."""
    return re.sub(r"^.*params\.yaml:\d+: |^digits/model/base/s0/phase: ", "", refusal)


DEFAULTS = "the defaults"
NOT_TRIED = "not tried"
MARKS = {None: "+", NOT_TRIED: "?"}
Refusal = str | None
Cells = dict[str, dict[str, Refusal]]
"""By row and model."""


def render(cells: Cells) -> str:
    """Return docs/settings.md."""
    notes = list(dict.fromkeys(x for row in cells.values() for x in row.values() if x not in MARKS))
    lines = [HEAD, "| setting | " + " | ".join(MODELS) + " |", "|---" * (1 + len(MODELS)) + "|"]
    for row, verdicts in cells.items():
        marks = [MARKS[x] if x in MARKS else str(notes.index(x) + 1) for x in verdicts.values()]
        lines.append(f"| `{row or DEFAULTS}` | " + " | ".join(marks) + " |")
    lines += ["", "Refused with:", ""]
    lines += [f"{number}. `{note}`" for number, note in enumerate(notes, start=1)]
    return "\n".join(lines) + "\n"


def read(text: str) -> Cells:
    """Return the cells of docs/settings.md."""
    notes: dict[str, Refusal] = dict(re.findall(r"^(\d+)\. `(.*)`$", text, re.M))
    notes |= {mark: verdict for verdict, mark in MARKS.items()}
    cells: Cells = {}
    for row, marks in re.findall(r"^\| `(.*?)` \| (.*) \|$", text, re.M):
        verdicts = [notes[mark] for mark in marks.split(" | ")]
        cells["" if row == DEFAULTS else row] = dict(zip(MODELS, verdicts, strict=True))
    return cells


HEAD = f"""# Settings and models

Every setting of `params.yaml` on the small models of the demo (`resnet18` stands for
`resnet18_small`). `+`: trained on a CPU for one epoch, or two under a schedule, of {IMAGES} images
of 8 pixels in batches of {BATCH} and {IMAGES - BATCH}. A number: refused before anything started,
with the message below. `?`: not tried yet. What is compiled has one layer. `micro_batch: auto` ran
out of memory above {MEMORY_ENDS_ABOVE} images. Not here: `autocast_cuda`, which needs a GPU.

`make settings` tries all of it and writes this file, in 20 minutes of one core: a minute for each
model that torch compiles. The tests try the rows about networks on every model, others on some.
"""


def main(rows: list[str]) -> None:
    """Try all cells, or those of some rows, and write the table."""
    cells = read(TABLE.read_text()) if rows else {}
    with tempfile.TemporaryDirectory() as folder:
        for setting in settings():
            if not rows or setting.text in rows:
                cells[setting.text] = {
                    model: Trial(model, setting, Path(folder)).refusal for model in MODELS
                }
                sys.stderr.write(f"{setting.text or DEFAULTS}\n")
    ordered = {setting.text: cells[setting.text] for setting in settings()}
    TABLE.write_text(render(ordered))


if __name__ == "__main__":
    main(sys.argv[1:])
