"""What lets a second run give the same numbers, and what is noted where it may not."""

import os
import warnings
from collections.abc import Iterator

import pytest
import torch
from torch.utils import deterministic

from cxv.training.determinism import (
    make_deterministic,
    random_state,
    set_random_state,
    undetermined,
)
from cxv.training.seeds import seed_for

LACKS = "{} does not have a deterministic implementation, but you set ..."


@pytest.fixture(autouse=True)
def _as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("CUBLAS_WORKSPACE_CONFIG", raising=False)
    threads, mode = torch.get_num_threads(), torch.get_deterministic_debug_mode()
    benchmark, filled = torch.backends.cudnn.benchmark, deterministic.fill_uninitialized_memory
    yield
    torch.set_num_threads(threads)
    torch.set_deterministic_debug_mode(mode)
    torch.backends.cudnn.benchmark = benchmark
    deterministic.fill_uninitialized_memory = filled


@pytest.mark.parametrize(("cuda", "mode"), [(False, "error"), (True, "warn")])
def test_all_that_torch_can_fix_is_fixed(
    monkeypatch: pytest.MonkeyPatch, cuda: bool, mode: str
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    torch.backends.cudnn.benchmark = True
    deterministic.fill_uninitialized_memory = True
    make_deterministic(3)
    assert torch.get_num_threads() == 3
    assert torch.get_deterministic_debug_mode() == {"warn": 1, "error": 2}[mode]
    assert not torch.backends.cudnn.benchmark
    assert not deterministic.fill_uninitialized_memory
    assert os.environ["CUBLAS_WORKSPACE_CONFIG"] == ":4096:8"


def test_a_users_own_workspace_for_cublas_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", ":16:8")
    make_deterministic(1)
    assert os.environ["CUBLAS_WORKSPACE_CONFIG"] == ":16:8"


def test_operations_without_a_deterministic_form_are_noted_once_each_and_in_order() -> None:
    with undetermined() as found:
        for name in ("cumsum_cuda", "bilinear", "cumsum_cuda"):
            warnings.warn(LACKS.format(name), stacklevel=1)
    assert found == ["cumsum_cuda", "bilinear"]


def test_other_warnings_are_shown_as_before() -> None:
    with pytest.warns(UserWarning, match="of another kind"), undetermined() as found:
        warnings.warn("of another kind", stacklevel=1)
    assert found == []


def test_afterwards_nothing_is_noted() -> None:
    show = warnings.showwarning
    with undetermined() as found:
        pass
    assert warnings.showwarning is show
    with pytest.warns(UserWarning, match="deterministic"):
        warnings.warn(LACKS.format("late"), stacklevel=1)
    assert found == []


def test_a_random_state_draws_the_same_numbers_again() -> None:
    device = torch.device("cpu")
    torch.manual_seed(0)
    torch.rand(5)
    state = random_state(device)
    drawn = torch.rand(5)
    assert not torch.equal(torch.rand(5), drawn)
    set_random_state(state, device)
    assert torch.equal(torch.rand(5), drawn)


@pytest.mark.gpu
def test_a_random_state_of_a_gpu_draws_the_same_numbers_again() -> None:
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    device = torch.device("cuda")
    state = random_state(device)
    drawn = torch.rand(5, device=device)
    set_random_state(state, device)
    assert torch.equal(torch.rand(5, device=device), drawn)


@pytest.mark.parametrize(
    ("seed", "purpose", "link", "digest"),
    [(0, "init", 0, "d360c57ddd95a2"), (2, "order", 1, "f884fa3ad9c4dd")],
)
def test_a_seed_is_the_beginning_of_the_sha_256_of_what_it_is_for(
    seed: int, purpose: str, link: int, digest: str
) -> None:
    """As by ``printf 0/init/0 | sha256sum``: a changed seed would change every published number."""
    assert f"{seed_for(seed, purpose, link):014x}" == digest


def test_the_state_of_a_gpus_own_generator_is_kept_and_set(monkeypatch: pytest.MonkeyPatch) -> None:
    second, made = torch.device("cuda", 1), torch.tensor([7], dtype=torch.uint8)
    gpus = {second: made}
    monkeypatch.setattr(torch.cuda, "get_rng_state", gpus.__getitem__)
    monkeypatch.setattr(torch.cuda, "set_rng_state", lambda x, device: gpus.update({device: x}))
    state = random_state(second)
    assert (set(state), state["cuda"]) == ({"cpu", "cuda"}, made)
    gpus.clear()
    torch.rand(1)
    set_random_state(state, second)
    assert gpus == {second: made}
    assert torch.equal(torch.get_rng_state(), state["cpu"])
    gpus.clear()
    set_random_state({"cpu": state["cpu"]}, second)  # saved on a CPU
    set_random_state(state, torch.device("cpu"))
    assert gpus == {}
    assert set(random_state(torch.device("cpu"))) == {"cpu"}
