"""How a training computes: threads, precision, and what may let its numbers differ."""

import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from trained import Train, first, outputs, small, training

from cxv.config.spec import Run
from cxv.records.history import load_history


@pytest.fixture(name="run")
def small_run(run: Run) -> Run:
    return small(run)


@pytest.fixture
def threads() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("threads")
@pytest.mark.parametrize("count", [1, 2])
def test_layers_compute_on_the_threads_asked_for(
    run: Run, train: Train, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = set()
    forward = nn.Conv2d.forward

    def counted(layer: nn.Conv2d, x: Tensor) -> Tensor:
        found.add(torch.get_num_threads())
        return forward(layer, x)

    monkeypatch.setattr(nn.Conv2d, "forward", counted)
    record = train(training(first(run, max_epochs=1), cpu_threads=count))
    assert found == {count}
    assert record.stamp.cpu_threads == count


@pytest.mark.parametrize("precision", ["float32", "bfloat16", "float16"])
def test_layers_compute_in_the_precision_that_the_record_says(
    run: Run, train: Train, tmp_path: Path, precision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In training, where it selects and where it tests."""
    found: set[tuple[bool, int, torch.dtype]] = set()
    forward = nn.Conv2d.forward

    def seen(layer: nn.Conv2d, x: Tensor) -> Tensor:
        out = forward(layer, x)
        found.add((layer.training, len(x), out.dtype))
        return out

    monkeypatch.setattr(nn.Conv2d, "forward", seen)
    spec = training(
        first(run, max_epochs=2),
        autocast_cpu=precision,
        select_on="validation",
        validation_fraction=0.1,
    )
    record = train(spec)
    epochs = load_history(outputs(tmp_path / "out" / spec.id).history)
    assert epochs[1].loss < epochs[0].loss
    dtype = getattr(torch, precision)
    assert record.stamp.precision == precision
    sizes = [(True, 64), (True, 52), (False, 20), (False, 100)]  # 180 train, 20 select, 100 test
    assert found == {(*size, dtype) for size in sizes}


def test_every_precision_leaves_other_weights(run: Run, train: Train) -> None:
    kept = {
        precision: train(training(first(run, max_epochs=1), autocast_cpu=precision), precision)
        for precision in ("float32", "bfloat16", "float16")
    }
    assert len({record.checkpoint_sha256 for record in kept.values()}) == 3


def test_an_operation_without_a_deterministic_form_is_in_the_record(
    run: Run, train: Train, monkeypatch: pytest.MonkeyPatch
) -> None:
    forward = nn.Conv2d.forward

    def undetermined(layer: nn.Conv2d, x: Tensor) -> Tensor:
        warnings.warn(
            "fold_cuda does not have a deterministic implementation, but you set", stacklevel=1
        )
        return forward(layer, x)

    monkeypatch.setattr(nn.Conv2d, "forward", undetermined)
    stamp = train(first(run, max_seconds=1e-6)).stamp  # no epoch: what tests the weights is noted
    assert stamp.undetermined == ("fold_cuda", "ended after 1e-06 s")
    assert not stamp.deterministic
