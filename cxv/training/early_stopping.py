"""When a phase is over: its top-1 no longer improves, or its epochs or its time are used up."""

import math
from collections.abc import Sequence

from cxv.config.phases import Phase
from cxv.records.run import Ending


def stop_reason(phase: Phase, top1: Sequence[float], seconds: float) -> Ending | None:
    """Return which rule ends a phase, if one does.

    Args:
        phase: its rules.
        top1: of every epoch of the phase so far.
        seconds: that the phase has trained so far.
    """
    if phase.patience is not None and has_plateaued(top1, phase.patience, phase.tolerance):
        return "patience"
    if len(top1) >= phase.max_epochs:
        return "max_epochs"
    if phase.max_seconds is not None and seconds >= phase.max_seconds:
        return "max_seconds"
    return None


def has_plateaued(top1: Sequence[float], patience: int, tolerance: float = 0.0) -> bool:
    """Tell whether ``patience`` epochs have passed since the last gain of top-1.

    Args:
        top1: of every epoch of the phase so far; a tie is no gain.
        patience: the paper waits 20 epochs (sec. 3.6; D3 in data/paper/README.md).
        tolerance: a gain over the best at the last gain counts if it is larger.
    """
    best, gained = -math.inf, 0
    for epoch, value in enumerate(top1, start=1):
        if value > best + tolerance:
            best, gained = value, epoch
    return len(top1) - gained >= patience
