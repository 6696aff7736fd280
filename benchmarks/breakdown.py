"""Where the CPU time of a CXV's training step goes: ``python -m benchmarks.breakdown``.

Milliseconds of each kind of operation, ours and naively. Next to them: the floating-point
operations per second of the step, and their share of what one product of large matrices reaches.
"""

import os
import statistics
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import torch
from torch.profiler import ProfilerActivity, profile
from torch.utils.flop_counter import FlopCounterMode

import cxv
from benchmarks import naive
from benchmarks.pairs import Step, alternated, timed
from benchmarks.steps import training_step

BATCH = 16  # images
SECONDS = 30  # for ours and the naive one together
PROFILED_STEPS = 5
SIDE = 2048  # of the matrices that give the peak
KINDS: Mapping[str, str] = MappingProxyType(
    {
        "products": "mm bmm addmm baddbmm",
        "convolutions": "mkldnn_convolution convolution_backward _slow_conv2d_forward"
        " _slow_conv2d_backward",
        "random": "bernoulli_ native_dropout rand uniform_ random_",
        "norms": "var var_mean native_layer_norm native_layer_norm_backward",
        "copies": "copy_ cat clone fill_ zero_ constant_pad_nd",
        "element-wise": "abs add add_ addcdiv_ addcmul_ amax clamp_min div div_ gelu gelu_backward"
        " ge gt lerp_ lt mean mul mul_ native_dropout_backward neg relu rsqrt _softmax"
        " _softmax_backward_data sqrt sub sum threshold_backward where",
    }
)


@dataclass(frozen=True, slots=True)
class Breakdown:
    """Where a step's time goes."""

    cpu_seconds: float
    flops: int  # of products and convolutions, forward and backward
    shares: Mapping[str, float]  # of the time, by kind; they sum to one


def breakdown(step: Step, cpu_seconds: float) -> Breakdown:
    """Profile a step whose time is known, since profiling slows it down."""
    with FlopCounterMode(display=False) as counter:
        step()
    with profile(activities=[ProfilerActivity.CPU]) as profiled:
        for _ in range(PROFILED_STEPS):
            step()
    times = dict.fromkeys([*KINDS, "other"], 0.0)
    for event in profiled.key_averages():
        times[kind(event.key)] += event.self_cpu_time_total
    total = sum(times.values())
    shares = {name: time / total for name, time in times.items()}
    return Breakdown(cpu_seconds, counter.get_total_flops(), shares)


def kind(operation: str) -> str:
    """Return the kind of ``aten::...``; what only calls, views or allocates is ``other``."""
    name = operation.removeprefix("aten::")
    return next((kind for kind, names in KINDS.items() if name in names.split()), "other")


def peak() -> float:
    """Return the floating-point operations a second of a product of large matrices, at its best."""
    a, b = torch.randn(2, SIDE, SIDE)
    fastest = min(timed(lambda: a @ b).cpu for _ in range(10))
    return 2 * SIDE**3 / fastest


def breakdowns(name: str) -> Iterator[tuple[str, Breakdown]]:
    """Return those of our model and of the naive one, timed in alternation."""
    models = {"ours": cxv.create_model(name), "naive": naive.create_model(name)}
    steps = [training_step(model, BATCH) for model in models.values()]
    times = zip(*alternated(steps, seconds=SECONDS), strict=True)
    for who, step, seconds in zip(models, steps, times, strict=True):
        yield who, breakdown(step, statistics.median(x.cpu for x in seconds))


def main() -> None:
    """Print a row for each network."""
    os.environ.setdefault("KINETO_LOG_LEVEL", "99")  # the profiler's own chatter
    torch.manual_seed(0)
    torch.set_num_threads(1)
    best = peak()
    print(f"peak of a float32 product, {SIDE}x{SIDE}: {best / 1e9:.1f} GFLOP/s on one thread")
    columns = "".join(f"{name:>13}" for name in ("total", *KINDS, "other"))
    print(f"{'CPU ms of':12}{columns}{'GFLOP':>8}{'GFLOP/s':>9}{'of peak':>9}")
    for name in naive.ATTENTION:
        for who, found in breakdowns(name):
            times = (1.0, *found.shares.values())
            cells = "".join(f"{1000 * found.cpu_seconds * share:13.1f}" for share in times)
            rate = found.flops / found.cpu_seconds
            print(
                f"{name:6}{who:6}{cells}{found.flops / 1e9:8.2f}{rate / 1e9:9.1f}{rate / best:9.1%}"
            )


if __name__ == "__main__":
    main()
