"""Every figure looks as it did when a person last looked at it.

``tests/pictures`` has one of each, of numbers made up here. After a change of look, delete the
picture and run this test: it draws it again and fails. Look at it, then commit it.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import samples
from look_up import study_table
from matplotlib.figure import Figure
from papers import PAPER
from PIL import Image
from profiled import stamp

from cxv.config.augmentation import Flip, RandAugment
from cxv.config.spec import Dataset, Examples
from cxv.paper.printed_against_ours import JudgedCell
from cxv.paper.verdict_rules import Verdict
from cxv.records.atomic_files import write
from cxv.records.examples import ExamplesRecord
from cxv.records.history import Epoch
from cxv.records.model_summary import Form, ModuleSummary
from cxv.report.figures.accuracy_against_cost import cost_figure
from cxv.report.figures.architecture import architecture_figure
from cxv.report.figures.drawing import house_style, standalone, svg
from cxv.report.figures.forest import OVER_MODELS, Line, forest_figure
from cxv.report.figures.graph import graph_figure
from cxv.report.figures.learning_curves import Stretch, curves_figure
from cxv.report.figures.scatter import scatter_figure
from cxv.report.sections.augmentation import augmentation_figure
from cxv.report.sections.figure_points import GROUP_LOOKS, Compared, looks, memory_label
from cxv.statistics import Estimate, Pooled

PICTURES = Path(__file__).parent / "pictures"
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")
PLACE = 0.15  # points by which a place may differ: it is written in tenths

FILE, LOOKS = PAPER.description.file, looks(PAPER.description.file)
POINTS = (
    Compared("resnet18", "ResNet-18", LOOKS["resnet18"], (1.2, 86.29), (1.5, 85.1)),
    Compared("fnet", "FNet-10", LOOKS["fnet"], (2.6, 76.4), None),
    Compared("vit", "ViT", LOOKS["vit"], (2.7, 76.9), None),
    Compared("cnv", "CNV", LOOKS["cnv"], (3.1, 83.36), (2.4, 84.9)),
    Compared("cpv", "CPV", LOOKS["cpv"], (3.2, 83.3), None),
)


def judged(column: str, model: str, digits: str, ours: float) -> JudgedCell:
    """Return a number of Table 1, other digits in its place, and ours."""
    printed = replace(PAPER.printed.cells[f"table1.{model}.{column}"], digits=digits)
    made_up = Verdict(word="inconclusive", reason="made up", estimate=ours)
    return JudgedCell(printed=printed, asked=True, verdict=made_up, is_whole=True)


CELLS = {
    "cifar10": (("resnet18", "86.29", 85.1), ("cnv", "83.36", 84.9), ("cpv", "83.3", 80.1)),
    "cifar100": (("cnv", "56.4", 57.0), ("fnet", "49.2", 46.0)),
}


def memory() -> Figure:
    """Two of ours next to what is printed; one that has no profile."""
    legend = [*dict.fromkeys(LOOKS.values())]
    return cost_figure(POINTS, looks=legend, cost=memory_label(32), images="CIFAR-10")


def memory_of_ours() -> Figure:
    """Small networks alone, without a printed point."""
    names = {"cpv": "small", "vit": "wide", "resnet18": "ResNet-18"}
    at = ((0.03, 91.0), (0.18, 93.5), (0.4, 96.0))
    mine = [Compared(*x, LOOKS[x[0]], None, y) for x, y in zip(names.items(), at, strict=True)]
    return cost_figure(mine, looks=[*GROUP_LOOKS.values()], cost=memory_label(16), images="digits")


def scatter() -> Figure:
    """Two panels with bands of different width."""
    panels = {(name, name): [judged(name, *one) for one in rows] for name, rows in CELLS.items()}
    return scatter_figure(panels, FILE, {"cifar10": 1.0, "cifar100": 1.5})


def forest() -> Figure:
    """Three seeds with an interval, two without one, a number that is missing, and all models."""
    three, two = Estimate(-2.1, 0.16, 0.25, 3), Estimate(0.9, 0.09, 0.25, 2)
    pooled = Pooled(-0.3, 0.1, 0.04, models=3, spread=0.5)
    return forest_figure(
        [
            Line("gelu_after_conv", ("CNV",), (-1.7, -2.1, -2.5), three, ""),
            Line("gelu_after_conv", ("CPV",), (0.7, 1.1), two, ""),
            Line("gelu_after_conv", (OVER_MODELS,), (-2.1, 0.9, 0.3), pooled, ""),
            Line("pre_norm", ("CNV",), (), None, "diverged"),
            Line("pre_norm", ("CPV",), (-0.6, 2.4), two, ""),
        ]
    )


def block(
    name: str, kind: str, detail: str, form: Form, params: int, *parts: ModuleSummary
) -> ModuleSummary:
    """Return a block; its MACs are 47 times its parameters, or 60."""
    macs = {"thop": 47 * params, "products": 60 * params}
    return ModuleSummary(
        name=name, kind=kind, detail=detail, form=form, shape=(16, 8, 8), params=params,
        macs=macs, parts=parts,
    )  # fmt: skip


def layer(name: str) -> ModuleSummary:
    """Return a layer: an attention in a residual connection, and a norm."""
    scale = block(f"{name}.0.branch.to_qkv", "Conv2d", "16 → 24, 1 × 1", "whole", 384)  # noqa: RUF001
    drop = block(f"{name}.0.branch.dropout", "Dropout", "0.1", "whole", 0)
    mixer = block(f"{name}.0.branch", "Attention", "", "whole", 384, scale, drop)
    branch = block(f"{name}.0", "Residual", "", "residual", 384, mixer)
    norm = block(f"{name}.1", "BatchNorm2d", "16", "whole", 32)
    return block(name, "Sequential", "", "chain", 416, branch, norm)


def architecture() -> Figure:
    """A stem, three layers alike, another, and a head."""
    stem = block("stem", "Conv2d", "3 → 16, 3 × 3, stride 2", "whole", 448)  # noqa: RUF001
    other = block("layers.3.0", "GELU", "", "whole", 0)
    layers = block(
        "layers", "Sequential", "", "chain", 1248,
        *map(layer, ("layers.0", "layers.1", "layers.2")),
        block("layers.3", "Sequential", "", "chain", 0, other),
    )  # fmt: skip
    head = block("head", "Linear", "16 → 10", "whole", 170)
    model_summary = block("", "Network", "", "chain", 1866, stem, layers, head)
    return architecture_figure(model_summary, image_size=32)


def augmentation() -> Figure:
    """Three images of two pixels a side, and two settings; one has two steps."""
    ramp = np.arange(2 * 6 * 3, dtype=np.uint8).reshape(2, 6, 3) * 7
    spec = Examples(
        dataset=Dataset(name="digits", source="digits"),
        augment=(
            (Flip(name="flip", probability=0.5),),
            (
                RandAugment(name="randaugment", operations=2, magnitude=3),
                Flip(name="flip", probability=0.75),
            ),
        ),
        images=3,
    )
    record = ExamplesRecord.model_construct(
        spec=spec, data_sha256="0" * 64, stamp=stamp("0" * 12, seconds=1.0),
        classes=("zero", "one", "two"), originals=strip(ramp),
        augmented=(strip(ramp[:, ::-1]), strip(ramp[::-1])),
    )  # fmt: skip
    return augmentation_figure(record)


def strip(pixels: np.ndarray) -> bytes:
    """Return a PNG."""
    buffer = BytesIO()
    Image.fromarray(pixels).save(buffer, format="png")
    return buffer.getvalue()


def curves() -> Figure:
    """Three seeds of four phases, two of them short: their names need three storeys."""
    lengths = {0: (9, 1, 1, 3), 1: (8, 1, 1, 4), 2: (9,)}
    return curves_figure({seed: stretches(seed, *spans) for seed, spans in lengths.items()})


def stretches(seed: int, *lengths: int) -> tuple[Stretch, ...]:
    """Return links of so many epochs; top-1 rises from one to the next and loss falls."""
    names, found, epoch = ("adamw_ra_3", "sgd_ra_3", "adamw", "sgd"), [], 0
    for name, length in zip(names, lengths, strict=False):
        epochs = []
        for n in range(1, length + 1):
            epoch += 1
            top1 = 0.9 - 0.5 / (epoch + seed)
            epochs.append(Epoch(epoch=n, loss=1.8 / (epoch + 0.3 * seed), top1=top1, lr=0.1))
        found.append(Stretch(name, tuple(epochs)))
    return tuple(found)


def graph() -> Figure:
    """The study of the samples: two datasets, three recipes."""
    params = samples.grid(Path.cwd())
    return graph_figure(study_table(params, "small", samples.RUNS, samples.PROFILES))


FIGURES = {
    figure.__name__: figure
    for figure in (
        *(memory, memory_of_ours, scatter, forest),
        *(architecture, augmentation, curves, graph),
    )
}


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_looks_as_it_did(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    now = in_lines(drawn(FIGURES[name]))
    path = PICTURES / f"{name}.svg"
    if not path.exists():
        write(path, now)
        pytest.fail(f"{path} was not there and has been drawn: look at it, then commit it")
    before = path.read_text("utf-8")
    assert NUMBER.sub("#", now) == NUMBER.sub("#", before), f"{path.name} has other elements"
    assert numbers(now) == pytest.approx(numbers(before), abs=PLACE)


def test_a_colour_or_an_opacity_that_is_another_is_seen() -> None:
    """Places have a tolerance; what is not a place is written in more than one digit or in words.

    An opacity goes from 0 to 1: a tolerance of places would hide some of its changes.
    """
    text = (PICTURES / "curves.svg").read_text("utf-8")
    assert numbers(text.replace("opacity: 0.6", "opacity: 0.7")) != pytest.approx(
        numbers(text), abs=PLACE
    )


def drawn(make: Callable[[], Figure]) -> str:
    with house_style():
        return standalone(svg(make(), "drawn", "Drawn by a test"))


def in_lines(text: str) -> str:
    """Return an element a line; ids, which matplotlib derives from places, in order."""
    ids = dict.fromkeys(re.findall(r'\bid="([^"]*)"', text))
    for i, name in enumerate(ids):
        text = re.sub(rf'(id="|url\(#|href="#){re.escape(name)}(?=["\)])', rf"\g<1>drawn-{i}", text)
    return re.sub(r">\s*<", ">\n<", text).strip() + "\n"


def numbers(text: str) -> list[float]:
    """Return all numbers; those of opacities a hundred times."""
    percent = re.sub(r"(?<=opacity: )[\d.]+", lambda found: f"{100 * float(found[0])}", text)
    return [float(number) for number in NUMBER.findall(percent)]
