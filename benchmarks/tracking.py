"""How long does ``Live`` hold up a training? ``python -m benchmarks.tracking`` takes a minute.

Each training is a process of its own, as in the workflow, so each pays for importing MLflow.
"""

import multiprocessing
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path

import torch

from cxv.config import spec
from cxv.config.phases import Optimizer, Phase, Training
from cxv.records.history import TimedEpoch
from cxv.tracking.live import Live

EPOCHS, STEPS = 10, 100
ADAMW = Optimizer(name="AdamW", lr=0.001, betas=[0.9, 0.999], eps=1e-8, weight_decay=0.01)
RUN = spec.Run(
    dataset=spec.Dataset(name="digits", source="digits"),
    model=spec.Model(name="resnet18_small", zoo="resnet18"),
    variant=spec.Variant(name="base"),
    seed=0,
    phases=(Phase(name="adamw", optimizer=ADAMW, batch=64, patience=3, max_epochs=8),),
    training=Training(
        select_on="test",
        validation_fraction=0.1,
        autocast_cuda="float32",
        autocast_cpu="float32",
        cpu_threads=1,
        memory="fused",
    ),
)


def epoch(number: int, model: torch.nn.Module, optimizer: torch.optim.Optimizer) -> TimedEpoch:
    """Train on noise for ``STEPS`` steps of many small operations, as small models do."""
    loss = torch.zeros(())
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = model(torch.randn(64, 64)).square().mean()
        loss.backward()
        optimizer.step()
    return TimedEpoch(
        epoch=number, time=time.time(), loss=loss.item(), top1=0, lr=0.001, images_per_second=1
    )


def train(store: str | None) -> tuple[float, float]:
    """Return the seconds of the training, and those of leaving ``Live`` after it."""
    torch.set_num_threads(1)
    model = torch.nn.Sequential(*(torch.nn.Linear(64, 64) for _ in range(16)))
    optimizer = torch.optim.AdamW(model.parameters())
    epoch(1, model, optimizer)  # warms up
    live = store and Live(
        RUN, "demo", output=Path("metrics.json"), data_sha256="", store=store, after_seconds=0.0
    )
    began = time.perf_counter()
    with live or nullcontext():
        for number in range(1, EPOCHS + 1):
            trained = epoch(number, model, optimizer)
            if live:
                live.log(trained)
        ended = time.perf_counter()
    return ended - began, time.perf_counter() - ended


def main() -> None:
    """Print the seconds without a store, with a fresh one, and with one that exists."""
    with tempfile.TemporaryDirectory() as folder:
        store = f"sqlite:///{folder}/mlflow.db"
        spawn = multiprocessing.get_context("spawn")
        for name, where in ("lock", None), ("fresh store", store), ("same store", store):
            with spawn.Pool(1) as pool:
                training, leaving = pool.apply(train, (where,))
            print(f"{name:12} training {training:5.2f} s, leaving {leaving:5.2f} s")


if __name__ == "__main__":
    main()
