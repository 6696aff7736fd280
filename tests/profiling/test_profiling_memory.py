import copy
import gc
from itertools import chain

import pytest
import torch
import torch.nn.functional as F
from predicted import predicts, under_adamw
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode

from cxv import create_model
from cxv.profiling.fake_gpu import Ledger, autocast_allowed, backward, on_fake_gpu
from cxv.profiling.memory import DTYPES, peak_memory, predicted_peaks
from cxv.records.costs import OptimizerName, PeakMemory, Precision

pytestmark = pytest.mark.usefixtures("one_thread", "unchecked")

GIB = 2**30
SMALL = {"dim": 32, "depth": 2, "mixer": {"heads": 2, "head_dim": 16}}
IMAGES = 128
"""A batch at which every tensor of ``perceptron`` is a whole number of allocator blocks."""


def perceptron() -> nn.Module:
    """2x2 images -> 12 -> 256 -> 128 classes, without biases."""
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(12, 256, bias=False),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(256, 128, bias=False),
    )


def peaks(
    model: nn.Module, batch: int, size: int = 2
) -> dict[tuple[Precision, OptimizerName], PeakMemory]:
    found = peak_memory(model, image_size=size, batch=batch, device="cpu")
    return {(x.precision, x.optimizer): x for x in found if x.memory == "fused"}


def test_a_perceptron_saves_what_its_formulas_need() -> None:
    images, labels = IMAGES * 12 * 4, IMAGES * 8
    relu, mask, dropped = IMAGES * 256 * 4, IMAGES * 256, IMAGES * 256 * 4
    log_probability, total_weight = IMAGES * 128 * 4, 512
    saved = images + labels + relu + mask + dropped + log_probability + total_weight
    assert peaks(perceptron(), IMAGES)["float32", "AdamW"].predicted_saved_bytes == saved


def test_float16_saves_half_the_activations_and_a_copy_of_the_weights() -> None:
    images, labels = IMAGES * 12 * (4 + 2), IMAGES * 8  # as they came, and cast
    relu, mask, dropped = IMAGES * 256 * 2, IMAGES * 256, IMAGES * 256 * 2
    log_probability, total_weight = (
        IMAGES * 128 * (2 + 4),
        512,
    )  # images as above; the loss is in float32
    copied = 256 * 128 * 2  # of the second layer: no gradient goes through the first to the images
    saved = images + labels + relu + mask + dropped + log_probability + total_weight + copied
    assert peaks(perceptron(), IMAGES)["float16", "AdamW"].predicted_saved_bytes == saved


def test_adamw_keeps_two_moments_and_sgd_one() -> None:
    weight_bytes = (12 + 128) * 256 * 4
    found = peaks(perceptron(), IMAGES)
    assert {peak.predicted_weight_bytes for peak in found.values()} == {weight_bytes}
    assert found["float32", "AdamW"].predicted_optimizer_bytes == 2 * weight_bytes
    assert found["float32", "SGD"].predicted_optimizer_bytes == weight_bytes


def test_the_step_of_a_wide_layer_is_its_weights_moments_gradient_and_one_copy() -> None:
    weight_bytes = 3072 * 1024 * 4
    model = nn.Sequential(nn.Flatten(), nn.Linear(3072, 1024, bias=False))
    peak = predicted_peaks(model, 32, 1, "fused", "float32")[0]
    assert peak.predicted_gradient_bytes == weight_bytes
    assert peak.predicted_temporary_bytes == weight_bytes  # the root of the second moment
    assert peak.predicted_peak_bytes == pytest.approx(5 * weight_bytes, rel=1e-3)


@pytest.mark.slow
def test_the_parts_add_up_to_the_peak() -> None:
    model = create_model("cltv", settings=SMALL)
    both = [predicted_peaks(model, 16, 4, "fused", precision) for precision in DTYPES]
    for peak in chain.from_iterable(both):
        parts = peak.model_dump(
            include={
                f"predicted_{part}_bytes"
                for part in ("weight", "optimizer", "gradient", "activation", "temporary")
            }
        )
        assert len(parts) == 5
        assert sum(parts.values()) == peak.predicted_peak_bytes
        assert peak.measured_allocated_bytes is None
        assert peak.measured_reserved_bytes is None


@pytest.mark.slow
def test_activations_grow_linearly_with_the_batch() -> None:
    model = create_model("cltv", settings=SMALL)
    two, four, six = (
        predicted_peaks(model, 16, batch, "fused", "float32")[0].predicted_saved_bytes
        for batch in (2, 4, 6)
    )
    assert four - two == pytest.approx(six - four, rel=1e-3)
    assert 1.9 < four / two < 2


@pytest.mark.slow
@predicts
@pytest.mark.parametrize(
    ("name", "saved_gib", "dropped"),
    [("cnv", 2.43, 256 + 128 + 128), ("cltv", 1.33, 256 + 128)],
)
def test_saved_activations_are_those_of_the_specification(
    name: str, saved_gib: float, dropped: int
) -> None:
    """The specification's masks of dropout take 4 bytes an element, as on a CPU, not one."""
    masks = 3 * 32 * 1024 * dropped * 5  # bytes that a GPU spares: layers x pixels x channels
    assert (under_adamw(name).predicted_saved_bytes + masks) / GIB == pytest.approx(
        saved_gib, abs=0.01
    )


def test_predicting_leaves_the_model_and_torch_as_they_were() -> None:
    model = create_model("resnet18", settings={"width": 4})
    before = {name: value.clone() for name, value in model.state_dict().items()}
    predicted_peaks(model, 16, 2, "lean", "float16")
    assert all(torch.equal(x, before[name]) for name, x in model.state_dict().items())
    assert {x.device.type for x in model.state_dict().values()} == {"cpu"}
    assert not torch.is_autocast_enabled("cuda")
    model(torch.zeros(2, 3, 16, 16)).sum().backward()  # real training still works


@pytest.mark.parametrize(
    ("name", "settings"),
    [("resnet18", {"width": 4}), ("cnv", SMALL), ("cltv", SMALL), ("cpv", SMALL)],
)
def test_the_backward_pass_gives_the_gradients_of_torchs_engine(
    name: str, settings: dict[str, object]
) -> None:
    torch.manual_seed(0)
    model = create_model(name, settings=settings).train()
    images, labels = torch.randn(4, 3, 16, 16), torch.arange(4)
    kept: list[Tensor] = []
    twin = copy.deepcopy(model)
    torch.manual_seed(1)
    F.cross_entropy(model(images), labels).backward()
    torch.manual_seed(1)
    backward([F.cross_entropy(twin(images), labels).grad_fn], torch.ones(()), kept.append)
    assert len(kept) == len(list(twin.parameters()))
    for ours, theirs in zip(twin.parameters(), model.parameters(), strict=True):
        torch.testing.assert_close(ours.grad, theirs.grad)


def test_a_sum_of_two_uses_reaches_the_parameter_once() -> None:
    weight = nn.Parameter(torch.tensor([2.0, 3.0]))
    loss = (weight * weight.exp() + weight).sum()
    backward([loss.grad_fn], torch.ones(()), lambda gradient: None)
    torch.testing.assert_close(weight.grad, (1 + weight) * weight.exp() + 1)


def test_the_ledger_forgets_what_is_freed_and_counts_a_view_once() -> None:
    with FakeTensorMode(), Ledger() as ledger:
        kept = torch.empty(1000, device="cuda")  # 4000 bytes are 8 blocks of 512
        view = kept[:10]
        doubled = kept * 2
        assert ledger.live.total() == 2 * 4096
        del doubled
        gc.collect()
        assert ledger.live.total() == 4096
        assert ledger.peak.total() == 2 * 4096
        torch.empty(1000)  # not on the GPU
        ledger.book(view, "gradients")
    assert +ledger.live == {"gradients": 4096}


def test_fake_weights_stay_shared_where_the_model_shares_them() -> None:
    layer = nn.Linear(4, 4)
    with FakeTensorMode(allow_non_fake_inputs=True):
        twin = on_fake_gpu(nn.Sequential(layer, nn.Sequential(layer)))
    assert len(list(twin.parameters())) == 2
    assert {parameter.device.type for parameter in twin.parameters()} == {"cuda"}


def test_autocast_to_float16_needs_no_gpu_and_ends() -> None:
    with FakeTensorMode(), autocast_allowed(), torch.autocast("cuda", torch.float16):
        x = torch.empty(4, 4, device="cuda")
        assert (x @ x).dtype is torch.float16
        assert x.softmax(dim=-1).dtype is torch.float32
    assert not torch.is_autocast_enabled("cuda")
