"""Schedules as params.yaml writes them."""

from typing import Any

from tiny import SGD

Settings = dict[str, Any]
RATE = SGD.optimizer.lr


def in_sequence(*schedulers: Settings, at: list[Any]) -> Settings:
    return {"name": "SequentialLR", "schedulers": list(schedulers), "milestones": at}


def chained(*schedulers: Settings) -> Settings:
    return {"name": "ChainedScheduler", "schedulers": list(schedulers)}


WARMUP: Settings = {"name": "LinearLR", "start_factor": 0.25, "total_iters": 3}
COSINE: Settings = {"name": "CosineAnnealingLR", "T_max": 4}
HALVED: Settings = {"name": "ExponentialLR", "gamma": 0.5}
STEP: Settings = {"name": "StepLR", "step_size": 2, "gamma": 0.1}
CYCLE: Settings = {"name": "OneCycleLR", "max_lr": RATE, "total_steps": 5}
PLATEAU: Settings = {"name": "ReduceLROnPlateau", "factor": 0.1, "patience": 1}
