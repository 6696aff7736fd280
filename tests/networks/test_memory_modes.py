"""A network computes the same in every form, in less memory from one to the next."""

import copy
from typing import Any, get_args

import pytest
import torch
import torch.nn.functional as F
from predicted import predicts, under_adamw
from shared_fixtures import Fetched
from torch import Tensor, nn

from cxv import create_model
from cxv.config.spec import Run
from cxv.data.manifest import Manifest
from cxv.networks import Memory
from cxv.networks.layers import ChannelNorm, Residual
from cxv.networks.memory_modes import (
    CheckpointedResidual,
    HeadViews,
    UnfusedNorm,
    apply_memory_mode,
)
from cxv.networks.mixers.heads import SplitHeads
from cxv.training.setup import network

TINY = {"heads": 2, "head_dim": 4}
MODELS: dict[str, dict[str, Any]] = {
    "cnv": {"dim": 8, "depth": 2, "mixer": {**TINY, "landmarks": 8}},
    "cltv": {"dim": 8, "depth": 2, "mixer": TINY},
    "cpv": {"dim": 8, "depth": 2, "mixer": {**TINY, "features": 8}},
    "vin": {"dim": 8, "depth": 2, "mixer": {**TINY, "landmarks": 8}},
    "vip": {"dim": 8, "depth": 2, "mixer": {**TINY, "features": 8}},
    "vilt": {"dim": 8, "depth": 2, "mixer": TINY},
    "cct": {"dim": 8, "depth": 2, "mixer": TINY},
    "cvt": {"dim": 8, "depths": [1, 1], "mixer": TINY},  # batch norms in its branches
    "vit_lite": {"dim": 8, "depth": 2, "mixer": TINY},
    "compact_cct": {"dim": 8, "depth": 2, "mixer": TINY},
}
every_model = pytest.mark.parametrize("name", MODELS)


def model(name: str) -> nn.Module:
    torch.manual_seed(0)
    return create_model(name, settings=MODELS[name]).train()


def step(network: nn.Module, dtype: torch.dtype = torch.float32) -> list[Tensor]:
    """Return the logits, gradients, buffers and the random number that comes next."""
    torch.manual_seed(1)
    with torch.autocast("cpu", dtype, enabled=dtype != torch.float32):
        logits = network(torch.rand(4, 3, 16, 16))
        loss = F.cross_entropy(logits.float(), torch.arange(4))
    loss.backward()
    gradients = [x.grad for x in network.parameters() if x.grad is not None]
    assert len(gradients) == len(list(network.parameters()))
    return [logits, *gradients, *network.buffers(), torch.rand(1)]


@every_model
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_what_is_computed_again_is_the_same_to_the_last_bit(name: str, dtype: torch.dtype) -> None:
    fused = model(name)
    lean = apply_memory_mode("lean", copy.deepcopy(fused))
    for ours, theirs in zip(step(lean, dtype), step(fused, dtype), strict=True):
        assert torch.equal(ours, theirs)


@every_model
def test_the_papers_form_rounds_otherwise_and_no_more(name: str) -> None:
    fused = model(name)
    paper = apply_memory_mode("eager", copy.deepcopy(fused))
    for ours, theirs in zip(step(paper), step(fused), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("memory", get_args(Memory))
def test_weights_fit_every_form(memory: Memory) -> None:
    fused = model("cpv")
    other = apply_memory_mode(memory, model("cpv"))
    assert list(other.state_dict()) == list(fused.state_dict())
    assert [x for x, _ in other.named_parameters()] == [x for x, _ in fused.named_parameters()]
    other.load_state_dict(fused.state_dict())


def test_a_form_exchanges_its_parts_and_no_other() -> None:
    def kinds(memory: Memory) -> set[type[nn.Module]]:
        return {type(module) for module in apply_memory_mode(memory, model("cltv")).modules()}

    built = kinds("fused")
    assert kinds("eager") == built - {ChannelNorm, SplitHeads} | {UnfusedNorm, HeadViews}
    assert kinds("lean") == built - {Residual} | {CheckpointedResidual}


def test_evaluation_in_less_memory_computes_nothing_twice() -> None:
    lean, runs = apply_memory_mode("lean", model("cpv")).eval(), []
    branch = next(x for x in lean.modules() if isinstance(x, CheckpointedResidual)).branch
    branch.register_forward_hook(lambda *_: runs.append(1))
    with torch.inference_mode():
        lean(torch.rand(1, 3, 8, 8))
    assert len(runs) == 1
    lean.train()(torch.rand(1, 3, 8, 8)).sum().backward()
    assert len(runs) == 2  # the hook of the second run is past the point where it may stop


@pytest.mark.slow
@predicts
@pytest.mark.usefixtures("one_thread", "unchecked")
@pytest.mark.parametrize("name", ["cnv", "cltv", "cpv"])
def test_the_cxvs_need_half_the_activations_and_less(name: str) -> None:
    saved = {memory: under_adamw(name, memory) for memory in get_args(Memory)}
    paper, fused, lean = (saved[memory] for memory in ("eager", "fused", "lean"))
    assert lean.predicted_saved_bytes < paper.predicted_saved_bytes / 3
    assert lean.predicted_activation_bytes < paper.predicted_activation_bytes / 3
    assert lean.predicted_peak_bytes < paper.predicted_peak_bytes / 2
    assert fused.predicted_saved_bytes < paper.predicted_saved_bytes


def test_a_run_trains_in_the_form_that_it_asks_for(run: Run, digits: Fetched) -> None:
    facts = Manifest.load(digits.manifest)
    lean = run.model_copy(update={"training": run.training.model_copy(update={"memory": "lean"})})
    kinds = [{type(x) for x in network(x, facts, None).modules()} for x in (run, lean)]
    assert [CheckpointedResidual in found for found in kinds] == [False, True]
