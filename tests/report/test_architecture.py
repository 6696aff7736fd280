"""Networks are drawn as they are built: another description, another drawing."""

from collections.abc import Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import samples
import torch
from look_up import find_summaries
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from papers import PAPER
from resealed import replace
from torch import Tensor, nn

from cxv.__main__ import main
from cxv.config.grid import Params
from cxv.jobs.model_summary import jobs as summary_jobs
from cxv.networks.layers import Residual
from cxv.networks.registry import describe
from cxv.profiling import count_macs
from cxv.profiling.model_summary import detail, summarize_model
from cxv.profiling.parameters import count_params
from cxv.records.model_summary import ModelSummaryRecord, ModuleSummary
from cxv.report.figures.architecture import architecture_figure
from cxv.report.figures.drawing import house_style, picture
from cxv.results.lookup import Gap

pytestmark = pytest.mark.usefixtures("one_thread", "one_trace")
SMALL = {"dim": 16, "depth": 3, "mixer": {"heads": 2, "head_dim": 4}}
SIZE = 8  # pixels


def network(name: str, *edits: str, **settings: Any) -> nn.Module:
    return describe(name, settings=SMALL | settings, edits=edits).build(10, SIZE)


@cache
def model_summary(name: str, *edits: str, **settings: Any) -> ModuleSummary:
    return summarize_model(network(name, *edits, **settings), SIZE)


def figure(block: ModuleSummary) -> Figure:
    with house_style():
        return architecture_figure(block, image_size=SIZE)


def texts(drawn: Figure) -> list[str]:
    return [text.get_text() for text in drawn.axes[0].texts]


def patches(drawn: Figure, label: str) -> list[Patch]:
    return [patch for patch in drawn.axes[0].patches if patch.get_label() == label]


def blocks(block: ModuleSummary) -> list[ModuleSummary]:
    return [block, *(inner for part in block.parts for inner in blocks(part))]


@pytest.mark.parametrize("name", ["cnv", "cltv", "cpv", "vilt"])
def test_the_whole_has_the_counts_of_the_profile_and_so_have_the_parts(name: str) -> None:
    model = network(name)
    whole = summarize_model(model, SIZE)
    assert whole.params == count_params(model) == sum(part.params for part in whole.parts)
    macs = count_macs(model, torch.zeros(1, 3, SIZE, SIZE))
    for convention in ("thop", "products"):
        assert whole.macs[convention] == macs[convention].macs > 0
        assert sum(part.macs[convention] for part in whole.parts) == macs[convention].macs


@pytest.mark.parametrize("edits", [(), ("residual_conv",), ("pre_norm",)])
def test_what_is_called_residual_adds_its_input_and_nothing_else_does(edits: tuple[str]) -> None:
    model = network("cpv", *edits).eval()
    whole = summarize_model(model, SIZE)
    seen: dict[str, tuple[Tensor, Tensor]] = {}
    for name, module in model.named_modules():
        module.register_forward_hook(
            lambda _, given, made, name=name: seen.update({name: (given[0], made)})
        )
    with torch.inference_mode():
        model(torch.randn(1, 3, SIZE, SIZE))
    residual = {block.name for block in blocks(whole) if block.form == "residual"}
    assert len(residual) == 2 * 3 + (2 if edits == ("residual_conv",) else 0)
    for name in residual:
        given, made = seen[name]
        assert torch.equal(made, given + seen[f"{name}.branch"][1])
    named = [block for block in blocks(whole) if block.name]
    for block in named:
        assert block.shape == tuple(seen[block.name][1].shape[1:])


def test_parts_come_in_the_order_in_which_they_are_called() -> None:
    model = network("cnv").eval()
    called: list[str] = []
    for name, module in model.named_modules():
        module.register_forward_hook(lambda *_, name=name: called.append(name))
    with torch.inference_mode():
        model(torch.zeros(1, 3, SIZE, SIZE))
    drawn = [block.name for block in blocks(model_summary("cnv")) if not block.parts]
    assert drawn == sorted(drawn, key=called.index)
    assert {"head", "pool", "layers.2.2.branch.1.3", "layers.0.1.branch.1.to_qkv"} <= {*drawn}


def test_each_block_is_drawn_with_its_shape_parameters_and_macs() -> None:
    whole = model_summary("cltv")
    shown = texts(figure(whole))
    for block in blocks(whole.parts[0])[1:]:
        assert " × ".join(map(str, block.shape)) in shown  # noqa: RUF001
        assert f"{block.params:,}" in shown
        macs = block.macs["thop"]
        assert f"{macs / 1e6:.{2 if macs >= 10_000 else 3}f}" in shown
    assert "head: Linear 16 → 10" in shown
    assert f"{whole.params:,}" in shown


def test_layers_built_alike_are_drawn_once_and_counted() -> None:
    shown = texts(figure(model_summary("cpv", depth=5)))
    assert {"layers.0", "layers.1 to layers.4", "4 alike, numbers of one"} <= {*shown}
    assert "layers.0 to layers.2" in texts(figure(model_summary("vilt")))


def test_a_single_layer_is_drawn_too() -> None:
    shown = texts(figure(model_summary("cpv", depth=1)))
    assert {"layers.0", "PerformerAttention"} <= {*shown}


@pytest.mark.parametrize(
    ("edits", "settings", "boxes", "sums"),
    [
        pytest.param((), {}, 2 + 2 * 8 + 2, 4, id="base"),
        pytest.param((), {"depth": 1}, 2 + 8 + 2, 2, id="one layer"),
        pytest.param(("embed_1_conv",), {}, 1 + 2 * 8 + 2, 4, id="one convolution embeds"),
        pytest.param(("pre_norm",), {}, 2 + 2 * 10 + 2, 4, id="norms in the branches"),
        pytest.param(
            ("residual_conv",), {}, 2 + 2 * 8 + 2, 5, id="the convolution of later layers"
        ),
        pytest.param(("conv_in_alternate_layers",), {}, 2 + 8 + 7 + 8 + 2, 6, id="every other"),
    ],
)
def test_the_drawing_follows_the_description(
    edits: tuple[str, ...], settings: Mapping[str, Any], boxes: int, sums: int
) -> None:
    drawn = figure(model_summary("cpv", *edits, **settings))
    assert len(patches(drawn, "box")) == boxes
    assert len(patches(drawn, "sum")) == sums
    assert len([x for x in drawn.axes[0].lines if x.get_label() == "_residual"]) == sums


def test_nothing_leaves_the_picture_and_no_box_overlaps_the_next() -> None:
    drawn = figure(model_summary("cnv", "positions_in_attention"))
    [axes] = drawn.axes
    bottom, top = axes.get_ylim()
    spans = [patch.get_path().get_extents() for patch in patches(drawn, "box")]
    assert all(top < span.y0 < span.y1 < bottom for span in spans)
    assert all(one.y1 < other.y0 for one, other in pairwise(spans))


def test_a_drawing_is_the_same_bytes_each_time() -> None:
    whole = model_summary("cltv")
    with house_style():
        first, second = (
            picture(architecture_figure(whole, image_size=SIZE), "a", "drawn").svg for _ in range(2)
        )
    assert first == second


@pytest.fixture
def params(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Params:
    monkeypatch.chdir(tmp_path)
    return samples.grid(tmp_path)


def test_a_study_draws_the_networks_that_it_trains_as_they_are(params: Params) -> None:
    jobs = summary_jobs(params, "small", PAPER.description)
    assert set(jobs) == {"cnv"}  # cpv is shrunk there, resnet18 no figure


def test_the_record_of_an_outline_is_what_a_report_reads_or_says_why_not(params: Params) -> None:
    paper = PAPER.description
    summary_settings = paper.drawn()["cnv"]
    [missing] = find_summaries(params, "small", Path("model_summaries"), paper)
    assert isinstance(missing.record, Gap)
    assert missing.record.status == "not run"
    assert (
        main(["model_summary", summary_settings.canonical(), "--out", "model_summaries/cnv.json"])
        == 0
    )
    [found] = find_summaries(params, "small", Path("model_summaries"), paper)
    assert isinstance(found.record, ModelSummaryRecord)
    assert found.record.model_summary.params == 1_344_734
    replace(Path("model_summaries/cnv.json"), found.record.stamp.code, "000000000000")
    [stale] = find_summaries(params, "small", Path("model_summaries"), paper)
    assert isinstance(stale.record, Gap)
    assert stale.record.status == "stale"
    assert (
        main(["model_summary", summary_settings.canonical(), "--out", "x.json", "--code", "0"]) == 1
    )


@pytest.mark.parametrize(
    ("module", "words"),
    [
        (nn.Conv2d(3, 8, 3), "3×3, 3 → 8"),  # noqa: RUF001
        (nn.Conv2d(3, 8, (3, 1), stride=(2, 1)), "3×1, 3 → 8, stride 2"),  # noqa: RUF001
        (nn.Conv2d(8, 8, 5, groups=4), "5×5, 8 → 8, 4 groups"),  # noqa: RUF001
        (nn.Linear(4, 2), "4 → 2"),
        (nn.Dropout(0.3), "0.3"),
        (nn.GELU(), ""),
        (nn.LayerNorm(7), "(7,), eps=1e-05, elementwise_affine=True, bias=True"),
    ],
)
def test_a_module_is_described_in_a_few_words(module: nn.Module, words: str) -> None:
    assert detail(module) == words


def test_a_branch_of_steps_is_shown_step_by_step_and_one_of_a_single_part_as_that_part() -> None:
    steps = Residual(nn.Sequential(nn.Conv2d(3, 3, 1), nn.ReLU()))
    single = Residual(nn.Conv2d(3, 3, 1))
    model_summary = summarize_model(nn.Sequential(steps, single), 4)
    assert [block.form for block in model_summary.parts] == ["residual", "residual"]
    kinds = [[part.kind for part in block.parts] for block in model_summary.parts]
    assert kinds == [["Conv2d", "ReLU"], ["Conv2d"]]
    relu = model_summary.parts[0].parts[1]
    assert relu.macs == {"thop": 0, "products": 0}
    pixels, biased = 4 * 4, 3 * (3 + 1)  # the paper counts a bias as one more product
    assert model_summary.parts[1].parts[0].macs == {
        "thop": biased * pixels,
        "products": 9 * pixels,
    }
