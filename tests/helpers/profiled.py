"""Realistic profiles, without measuring; no two quantities of one are equal."""

import random
from itertools import product
from pathlib import Path
from typing import get_args

from cxv.config.spec import Profile
from cxv.jobs.profile import job as profile_job
from cxv.networks import Memory
from cxv.records.atomic_files import write
from cxv.records.costs import (
    CostProfile,
    OptimizerName,
    PeakMemory,
    Precision,
    PredictedPeak,
    ProfileRecord,
)
from cxv.records.record import Stamp
from cxv.records.speed import Speed

KEPT: dict[Memory, int] = {"eager": 1200, "fused": 900, "lean": 300}


def save_profile(profiles: Path, profile: Profile) -> ProfileRecord:
    """Write one measurement."""
    draws = random.Random(profile.id)
    params = draws.randrange(20_000, 90_000)
    record = ProfileRecord(
        spec=profile,
        measured=CostProfile(
            params=params,
            params_modules=params - 120,
            macs_thop=params * 47,
            macs_ptflops=params * 51,
            macs_fvcore=params * 61,
            macs_products=params * 60,
            uncounted={"thop": {"aten::matmul": 8}, "fvcore": {"aten::softmax": 4}},
            peak_memory=tuple(
                _peak_memory(params, *how)
                for how in product(*map(get_args, (Memory, Precision, OptimizerName)))
            ),
            predicted_context_bytes=400_000_000,
            batch=profile.batch,
            inference=_speed(draws.uniform(900, 4000), timed=40),
            training=_speed(draws.uniform(200, 800), timed=23),
            timed_batch=2,
            device="cpu",
        ),
        stamp=stamp(profile_job(profile).code, seconds=3.2),
    )
    write(profiles / profile.id / "profile.json", record.text())
    return record


def predicted(peak_bytes: int, batch: int = 32) -> PredictedPeak:
    """Return a predicted memory: a third of the peak are weights and all else activations."""
    weights = peak_bytes // 3
    peak = PeakMemory(
        memory="eager",
        precision="float32",
        optimizer="AdamW",
        predicted_peak_bytes=peak_bytes,
        predicted_weight_bytes=weights,
        predicted_optimizer_bytes=0,
        predicted_gradient_bytes=0,
        predicted_activation_bytes=peak_bytes - weights,
        predicted_temporary_bytes=0,
        predicted_saved_bytes=1,
        predicted_scoring_bytes=1,
    )
    return PredictedPeak(batch=batch, peak=peak, predicted_context_bytes=400_000_000)


def _speed(median: float, timed: int) -> Speed:
    return Speed(
        median_images_per_second=median,
        lower_images_per_second=0.96 * median,
        upper_images_per_second=1.03 * median,
        timed=timed,
    )


def _peak_memory(
    params: int, memory: Memory, precision: Precision, optimizer: OptimizerName
) -> PeakMemory:
    moments, width = (2 if optimizer == "AdamW" else 1), (4 if precision == "float32" else 2)
    parts = {
        "predicted_weight_bytes": 4 * params,
        "predicted_optimizer_bytes": 4 * params * moments + 8,
        "predicted_gradient_bytes": 4 * params - 8,
        "predicted_activation_bytes": KEPT[memory] * params * width,
        "predicted_temporary_bytes": 70 * params * width,
    }
    return PeakMemory(
        memory=memory,
        precision=precision,
        optimizer=optimizer,
        predicted_peak_bytes=sum(parts.values()),
        predicted_saved_bytes=parts["predicted_activation_bytes"] - 16 * params,
        predicted_scoring_bytes=200 * params * width,
        **parts,
    )


def stamp(code: str, *, seconds: float) -> Stamp:
    """Return where and with what a made-up number was made."""
    return Stamp(
        commit="0f3c9e6d1b7a4c2e8f5a6b7c8d9e0f1a2b3c4d5e",
        dirty=False,
        code=code,
        packages={"torch": "2.14.1", "numpy": "2.4.6"},
        device="cpu",
        precision="float32",
        undetermined=(),
        cpu_threads=1,
        seconds=seconds,
        peak_bytes=None,
    )
