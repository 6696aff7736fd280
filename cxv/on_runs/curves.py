"""What learning curves tell of a claim, seed by seed."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from cxv.claims.rules import Curve
from cxv.claims.selection import Trained
from cxv.evidence import RunEvidence, top1
from cxv.history import Epoch
from cxv.on_runs.records import Records
from cxv.tolerances import CurveTolerance

Phase = Sequence[Epoch]


def readings(
    records: Records, curve: Curve, left: Trained, right: Trained | None, how: CurveTolerance
) -> dict[int, float]:
    """Return what is read of each seed, of left - right if there is a right.

    Seeds are left out that diverged, or of which a history is missing. Differences of top-1 are in
    percentage points, losses in nats per image, lengths in epochs.
    """
    mine = curves(records, left)
    if right is None:
        read_one = READERS[curve]
        return {seed: read_one(x[-2], x[-1], how) for seed, x in mine.items() if len(x) > 1}
    theirs = curves(records, right)
    read = COMPARED[curve]
    return {seed: read(mine[seed], theirs[seed]) for seed in sorted(mine.keys() & theirs)}


def curves(records: Records, one: Trained) -> dict[int, list[Phase]]:
    """Return the histories of all links, first to last, of each seed that has them all."""
    found: dict[int, list[Phase]] = {}
    for seed, run in records.seeds(one).items():
        links: list[Phase] = []
        link: RunEvidence | None = run
        while link and top1(link) is not None and (epochs := records.history(link)):
            links.insert(0, epochs)
            link = records.before(link)
        if len(links) == len(run.spec.phases):
            found[seed] = links
    return found


def reached(phase: Phase) -> float:
    """Return the top-1 of the weights that a phase hands on: its best."""
    return max(epoch.top1 for epoch in phase)


def _jump(first: Phase, second: Phase, epochs: int) -> float:
    return 100 * (reached(second[:epochs]) - reached(first))


def _epochs_to(phase: Phase, wanted: float) -> int:
    return next((i for i, epoch in enumerate(phase, 1) if epoch.top1 >= wanted), len(phase))


def _to_final(first: Phase, second: Phase, how: CurveTolerance) -> float:
    took = [_epochs_to(phase, reached(phase) - how.close / 100) for phase in (first, second)]
    return took[1] / took[0]


def _to_target(left: Sequence[Phase], right: Sequence[Phase]) -> float:
    target = min(reached(left[-1]), reached(right[-1]))
    took = [_epochs_to([x for phase in side for x in phase], target) for side in (left, right)]
    return float(took[0] - took[1])


READERS: Mapping[Curve, Callable[[Phase, Phase, CurveTolerance], float]] = MappingProxyType(
    {
        "jump_first_epoch": lambda first, second, _: _jump(first, second, 1),
        "jump_within_window": lambda first, second, how: _jump(first, second, how.window),
        "share_of_epochs": lambda first, second, _: len(second) / len(first),
        "epochs_to_final": _to_final,
    }
)
"""Of the last two phases of a chain."""

COMPARED: Mapping[Curve, Callable[[Sequence[Phase], Sequence[Phase]], float]] = MappingProxyType(
    {
        "epochs_to_target": _to_target,
        "final_train_loss": lambda left, right: left[-1][-1].loss - right[-1][-1].loss,
    }
)
"""Of two chains, left - right."""

UNITS: Mapping[Curve, str] = MappingProxyType(
    {
        "jump_first_epoch": "points",
        "jump_within_window": "points",
        "share_of_epochs": "of the first phase's epochs",
        "epochs_to_final": "times the first phase's epochs",
        "epochs_to_target": "epochs",
        "final_train_loss": "nats",
    }
)
