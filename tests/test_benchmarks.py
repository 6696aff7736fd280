"""The benchmarks compare like with like; how long anything takes is not tested."""

import tomllib
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
import torch
from packaging.requirements import Requirement
from shared_fixtures import ROOT
from torch import nn

from benchmarks import augment, breakdown, made_up_runs, naive, packing, pairs
from benchmarks.packing import Day, Job, simulate
from benchmarks.steps import check_naive
from cxv.config.grid import Params
from cxv.data.tensors import Split, normalise
from cxv.gpus.placement import Device
from cxv.records.run import RunRecord


@pytest.mark.parametrize("name", naive.ATTENTION)
def test_a_naive_network_has_the_logits_of_ours(name: str) -> None:
    check_naive(name, image_size=12)  # pixels; CNV has to pad 144 tokens


def test_a_naive_network_with_other_logits_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(naive.ChannelNorm, "forward", lambda self, x: x)
    with pytest.raises(AssertionError):
        check_naive("cltv", image_size=4)


def test_a_naive_network_with_other_parameters_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(naive, "ATTENTION", {"cltv": naive.PerformerAttention})
    with pytest.raises(ValueError, match="zip"):
        check_naive("cltv", image_size=4)


def test_steps_take_turns_so_that_drift_hits_both() -> None:
    calls: list[str] = []
    steps = [lambda: calls.append("A"), lambda: calls.append("B")]
    rounds = pairs.alternated(steps, seconds=0)
    assert len(rounds) == pairs.MIN_ROUNDS
    assert "".join(calls) == "ABAB" + "ABBA" * (pairs.MIN_ROUNDS // 2)


def test_each_step_is_credited_with_its_own_time(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = {"now": 0.0}
    monkeypatch.setattr(pairs.time, "process_time", lambda: clock["now"])

    def takes(seconds: float) -> pairs.Step:
        return lambda: clock.update(now=clock["now"] + seconds)

    rounds = pairs.alternated([takes(1), takes(4)], seconds=0)
    assert {(a.cpu, b.cpu) for a, b in rounds} == {(1, 4)}


def test_a_ratio_is_ours_to_theirs_with_its_quartiles() -> None:
    assert pairs.spread([1, 2, 3, 4, 5]) == pairs.Spread(2, 3, 4)


def test_a_reference_that_is_not_installed_is_named_and_left_out(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def missing() -> nn.Module:
        raise ModuleNotFoundError("No module named 'timm'")

    def step_of(module: nn.Module, batch: int) -> pairs.Step:
        return lambda: module(torch.ones(1))

    both = [
        pairs.Pair(name="absent", reference="timm", ours=nn.Identity, theirs=missing),
        pairs.Pair(name="present", reference="torch", ours=nn.Identity, theirs=nn.Identity),
    ]
    compared = list(pairs.compare(both, step_of, seconds=0))
    assert [row.pair.name for row in compared] == ["present"]
    assert "left out: No module named 'timm'" in capsys.readouterr().out


def test_a_breakdown_counts_a_product_as_one() -> None:
    a = torch.ones(8, 16)
    found = breakdown.breakdown(lambda: a @ a.T, cpu_seconds=1)
    assert found.flops == 2 * 8 * 16 * 8
    assert found.shares["products"] > 0
    assert found.shares["convolutions"] == 0
    assert sum(found.shares.values()) == pytest.approx(1)


def test_no_operation_is_of_two_kinds() -> None:
    names = list(chain.from_iterable(names.split() for names in breakdown.KINDS.values()))
    assert len(names) == len(set(names))


def test_the_pinned_references_are_those_that_the_project_permits() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = (ROOT / "benchmarks/requirements.txt").read_text().splitlines()
    pinned = dict(line.split("==") for line in lines if not line.startswith("#"))
    for requirement in map(Requirement, project["optional-dependencies"]["bench"]):
        assert requirement.specifier.contains(pinned[requirement.name])


GPU = Device("gpu", 16)


def job(name: str, work: float, need_bytes: int | None, parent: str | None = None) -> Job:
    return Job(name, parent, work, need_bytes)


@pytest.mark.parametrize(("busy", "makespan"), [(0.25, 10), (0.5, 10), (1, 20)])
def test_two_runs_at_once_take_as_long_as_one_while_the_gpu_is_not_busy(
    busy: float, makespan: float
) -> None:
    jobs = [job("a", 10, 8), job("b", 10, 8)]
    expected = Day(makespan=makespan, run_time=2 * makespan, peak_bytes=16)
    assert simulate(jobs, GPU, cores=2, busy=busy) == expected


def test_what_does_not_fit_has_no_core_or_no_parent_yet_waits() -> None:
    alone = Day(makespan=20, run_time=20, peak_bytes=9)
    assert simulate([job("a", 10, 9), job("b", 10, 9)], GPU, cores=2, busy=0.1) == alone
    assert simulate([job("a", 10, 9), job("b", 10, 1)], GPU, cores=1, busy=0.1) == alone
    assert simulate([job("a", 10, 9), job("b", 10, 1, "a")], GPU, cores=2, busy=0.1) == alone


def test_a_run_that_needs_the_whole_gpu_is_not_overtaken() -> None:
    jobs = [job("a", 10, 8), job("whole", 5, None), job("b", 10, 8)]
    day = simulate(jobs, GPU, cores=3, busy=0.1)
    assert (day.makespan, day.peak_bytes) == (10 + 5 + 10, 16)


def test_one_run_after_another_takes_the_sum_of_their_work() -> None:
    jobs = [job(str(work), work, None) for work in (1, 2, 3)]
    assert simulate(jobs, GPU, cores=3, busy=0.25).makespan == 6


def test_a_part_of_a_dataset_trains_on_its_part_and_tests_on_all(params: Params) -> None:
    part = packing.images_of(params.datasets["cifar10_25"])
    assert (part.classes * part.train, part.classes * part.test) == (12_500, 10_000)


def test_both_loaders_give_the_same_floats() -> None:
    levels = torch.arange(256, dtype=torch.uint8).view(1, 1, 16, 16)
    split = Split(torch.cat([levels, levels.flip(2), levels.flip(3)], dim=1), torch.tensor([7]))
    image, label = augment.Pillow(split, ())[0]
    ours = normalise(split.images, augment.MEAN, augment.STD)
    torch.testing.assert_close(ours[0], image, rtol=0, atol=1e-6)
    assert label == 7


def test_made_up_runs_are_intact_records(tmp_path: Path) -> None:
    [first, *_] = made_up_runs.settings(4).runs(made_up_runs.STUDY).values()
    record = made_up_runs.make_up(first, tmp_path, np.random.default_rng(0))
    folder = tmp_path / first.id
    assert RunRecord.load(folder / "metrics.json", first) == record
    record.prove(folder)
