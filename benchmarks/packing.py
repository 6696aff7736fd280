"""How much faster do several runs share a GPU? ``python -m benchmarks.packing``.

A simulation, on any machine: the links of study ``all``, each after the one that it continues, are
placed on a GPU of 16 GB by the rule of ``cxv.gpus.placement``, with what
``cxv.gpus.memory_estimate`` says they take in float16. The first time it predicts the memory of
every network, for some minutes; the second time it finds that in ``.bench/packing.json``.

The model of time is an assumption. The work of a link is epochs x images x MACs, as if none stopped
before ``max_epochs``. A run alone keeps a share of the GPU busy; runs whose shares add up to more
than 1 slow each other down in proportion, and others do not. All runs have the same share.
"""

import json
import sys
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from statistics import median
from types import MappingProxyType
from typing import Any, NamedTuple

import torch

from cxv.config.grid import ALL, Params
from cxv.config.load import load
from cxv.config.spec import Dataset, Profile, Run
from cxv.gpus.memory_estimate import need_bytes
from cxv.gpus.placement import Device, Request, place
from cxv.jobs.profile import job as profile_job
from cxv.networks import Memory
from cxv.networks.memory_modes import changes
from cxv.networks.registry import describe
from cxv.profiling import count_macs
from cxv.profiling.memory import predicted_peaks
from cxv.records.atomic_files import write
from cxv.records.costs import PeakMemory
from cxv.records.cuda_context import CUDA_CONTEXT_BYTES
from cxv.training.evaluation import EVALUATION_BATCH

GPU = Device("gpu", 16 * 10**9)
CORES = (4, 16)  # of `snakemake --cores`: jobs that run or wait for room
BUSY = (1 / 4, 1 / 2, 1)  # of the GPU, by one run alone
CACHE = Path(".bench/packing.json")


class Images(NamedTuple):
    """A dataset as published."""

    classes: int
    size: int  # pixels
    train: int  # of each class
    test: int


SOURCES: Mapping[str, Images] = MappingProxyType(
    {
        "cifar10": Images(10, 32, 5000, 1000),
        "cifar100": Images(100, 32, 500, 100),
        "tiny_imagenet": Images(200, 64, 500, 50),
    }
)


class Cost(NamedTuple):
    """Of one network on images of one size."""

    macs: int  # an image
    peaks: tuple[PeakMemory, ...]  # float16


@dataclass(frozen=True, slots=True)
class Job:
    """A link of a chain."""

    id: str
    parent: str | None
    work: float
    need_bytes: int | None  # None: a whole GPU


@dataclass(slots=True)
class Day:
    """What became of the jobs: times in the unit of their work."""

    makespan: float = 0
    run_time: float = 0  # sum over runs
    peak_bytes: int = 0

    def pass_by(self, running: Mapping[Job, Request], time: float) -> None:
        """Count a stretch in which nothing starts or ends."""
        self.makespan += time
        self.run_time += time * len(running)
        self.peak_bytes = max(self.peak_bytes, sum(x.bytes for x in running.values()))


def simulate(jobs: Sequence[Job], gpu: Device, *, cores: int, busy: float) -> Day:
    """Run jobs in their order, as soon as parent, core and memory are free."""
    day, left = Day(), {job: job.work for job in jobs}
    waiting: dict[Job, Request] = {}
    running: dict[Job, Request] = {}
    while left:
        for job in _ready(left, {*waiting, *running})[: cores - len(waiting) - len(running)]:
            waiting[job] = _request(gpu, job, granted=False)
        before = list(running.values())
        for job in list(waiting):
            if place([gpu], job.need_bytes, before):
                del waiting[job]
                running[job] = _request(gpu, job, granted=True)
            before.append((waiting | running)[job])
        ending = min(running, key=left.__getitem__)
        work, slowdown = left[ending], max(1, busy * len(running))
        day.pass_by(running, work * slowdown)
        for job in running:
            left[job] -= work
        del running[ending], left[ending]
    return day


def _ready(left: Iterable[Job], begun: Container[Job]) -> list[Job]:
    undone = {job.id for job in left}
    return [job for job in left if job.parent not in undone and job not in begun]


def _request(gpu: Device, job: Job, *, granted: bool) -> Request:
    return Request(device=gpu.name, bytes=gpu.asked(job.need_bytes), granted=granted)


def jobs_of(runs: Iterable[Run], costs: Mapping[str, Cost], profile_batch: int) -> list[Job]:
    """Return the work and the need of each link."""
    jobs = []
    for run in runs:
        classes, size, train, test = images_of(run.dataset)
        cost = costs[run.profile_id]
        need = need_bytes(
            run,
            next(peak for peak in cost.peaks if peak.optimizer == run.phase.optimizer.name),
            batch=profile_batch,
            data_bytes=classes * (train + 2 * test) * (3 * size**2 + 8),
            context_bytes=CUDA_CONTEXT_BYTES,
        )
        work = run.phase.max_epochs * classes * train * cost.macs
        parent = run.parent.id if run.parent else None
        jobs.append(Job(run.id, parent, work, need if need <= GPU.bytes else None))
    return jobs


def images_of(dataset: Dataset) -> Images:
    """Return what is trained and tested on."""
    whole = SOURCES[dataset.source]
    part = dataset.per_class
    return whole._replace(train=part.train) if part else whole


def costs_of(params: Params) -> dict[str, Cost]:
    """Return the cost of every network of the paper, by the id of its profile."""
    cache = json.loads(CACHE.read_text()) if CACHE.exists() else {}
    costs = {}
    for id, profile in params.profiles(ALL).items():
        images = images_of(profile.dataset)
        key = _key(profile, images, params.training.memory)
        if key not in cache:
            print(f"predicting {id}", file=sys.stderr)
            cache[key] = predicted(profile, images, params.training.memory)
            write(CACHE, json.dumps(cache))
        macs, peaks = cache[key]
        costs[id] = Cost(macs, tuple(PeakMemory.model_validate(peak) for peak in peaks))
    return costs


def _key(profile: Profile, images: Images, memory: Memory) -> str:
    """Return all that decides a prediction, its code too."""
    network = f"{profile.model.canonical()} {profile.variant.canonical()}"
    step = f"{images.classes} {images.size} {profile.batch} {memory}"
    return f"{network} {step} {profile_job(profile).code}"


def predicted(profile: Profile, images: Images, memory: Memory) -> tuple[int, list[dict[str, Any]]]:
    """Return MACs an image and, as JSON, the peaks of a training step in float16."""
    model = describe(
        profile.model.zoo,
        settings=profile.model.set,
        edits=profile.variant.edits,
        variant_settings=profile.variant.set,
    ).build(classes=images.classes, image_size=images.size)
    built: Memory = memory if changes(memory, model) else "fused"
    peaks = predicted_peaks(model, images.size, profile.batch, built, "float16")
    macs = count_macs(model.eval(), torch.zeros(1, 3, images.size, images.size))["products"].macs
    return macs, [peak.model_dump() for peak in peaks]


def main() -> None:
    """Print how long packed runs take, in shares of one run after another."""
    params = load(Path("params.yaml"))
    report(jobs_of(params.runs(ALL).values(), costs_of(params), params.profile_batch))


def report(jobs: Sequence[Job]) -> None:
    """Print the table."""
    whole = sum(job.need_bytes is None for job in jobs)
    needs = sorted((job.need_bytes or GPU.bytes) / 1e9 for job in jobs)
    reserved = f"a step, and for scoring {EVALUATION_BATCH} images"
    print(f"Reserved for {reserved}: {len(jobs)} runs, {whole} of them take the whole GPU;")
    print(f"a run takes {needs[0]:.1f} to {needs[-1]:.1f} GB, {median(needs):.1f} in the middle.")
    print(f"{'busy':>6} {'cores':>6} {'faster by':>14} {'runs at once':>13} {'peak GB':>8}")
    alone = sum(job.work for job in jobs)
    for busy, cores in product(BUSY, CORES):
        day = simulate(jobs, GPU, cores=cores, busy=busy)
        figures = f"{alone / day.makespan:13.2f}x {day.run_time / day.makespan:13.2f}"
        print(f"{busy:6.2f} {cores:6} {figures} {day.peak_bytes / 1e9:8.2f}")


if __name__ == "__main__":
    main()
