"""Rules for what is counted or measured once: ratios, sizes, memory."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from cxv.paper.tolerances import Tolerances
from cxv.paper.verdict_rules.verdict import Verdict, Word, not_run


def ratio(left: float | None, right: float | None, low: float, high: float = math.inf) -> Verdict:
    """R-ratio: is left / right, each static or measured once, from ``low`` to ``high``?"""
    if left is None or right is None:
        return not_run(*(side for side, x in (("left", left), ("right", right)) if x is None))
    value = left / right
    word: Word = "reproduced" if low <= value <= high else "not_reproduced"
    asked = f"{low:g} to {high:g}"
    if not low or math.isinf(high):
        asked = f"{low:g} or more" if low else f"{high:g} or less"
    return Verdict(word=word, reason=f"{value:.3g}, claimed {asked}", estimate=value)


def static(counts: Mapping[str, int], printed: str, unit: float, tolerance: float) -> Verdict:
    """R-static: is a count, by any of the conventions given, near the printed number?

    Args:
        counts: convention -> count. All are reported.
        printed: digits, as the paper gives them.
        unit: of these, such as 1e6.
        tolerance: in this unit; what is just as far counts as near.
    """
    if not counts:
        return not_run("a profile")
    off = {name: round(abs(n / unit - float(printed)), 9) for name, n in counts.items()}
    agree = [name for name in counts if off[name] <= tolerance]
    chosen = agree[0] if agree else next(iter(counts))
    counted = ", ".join(f"{name} {count / unit:.4g}" for name, count in counts.items())
    met = f", met by {', '.join(agree) or 'none'}" if len(counts) > 1 else ""
    return Verdict(
        word="reproduced" if agree else "not_reproduced",
        reason=f"{counted}; printed {printed} ± {tolerance:g}{met}",
        estimate=counts[chosen] / unit,
    )


def is_one_of(gpus: Sequence[str], device: str) -> bool:
    """Tell whether a device is one of some GPUs, by a word of its name, such as ``P100``."""
    return bool(set(gpus) & set(device.replace("-", " ").split()))


def memory(
    peak_gb: float | None,
    device: str,
    printed_gb: float,
    tolerances: Tolerances,
    gpus: Sequence[str],
) -> Verdict:
    """R-mem of a number: is the peak near the printed one, on a GPU like the paper's?

    On any other device, and where it was predicted, it is shown and not judged.

    Args:
        peak_gb: at the paper's batch and precision, 10⁹ bytes.
        device: its name, or "predicted".
        printed_gb: 10⁹ bytes.
        tolerances: fixed before the first run.
        gpus: like the paper's, as ``is_one_of`` takes them.
    """
    wanted = f"a measurement on {' or '.join(gpus)}"
    if peak_gb is None:
        return not_run(wanted)
    if not is_one_of(gpus, device):
        reason = f"{peak_gb:.2f} GB, {device}, is shown and not judged"
        return replace(not_run(wanted), reason=reason, estimate=peak_gb)
    tolerance_gb = max(tolerances.memory.relative * printed_gb, tolerances.memory.absolute_gb)
    near = round(abs(peak_gb - printed_gb), 9) <= tolerance_gb  # of digits: 0.9 - 0.6 is 0.3
    return Verdict(
        word="reproduced" if near else "not_reproduced",
        reason=f"{peak_gb:.2f} GB on {device}, printed {printed_gb:g} ± {tolerance_gb:.2g}",
        estimate=peak_gb,
    )


def less_memory(
    left_gb: Mapping[str, float], right_gb: Mapping[str, float], device: str
) -> Verdict:
    """R-mem of a rank: does every left need less than every right, all on one device?

    Args:
        left_gb: name -> peak.
        right_gb: name -> peak.
        device: its name, or "predicted".
    """
    if not left_gb or not right_gb:
        return not_run(*(s for s, x in (("left", left_gb), ("right", right_gb)) if not x))
    most, least = max(left_gb, key=left_gb.__getitem__), min(right_gb, key=right_gb.__getitem__)
    gap = left_gb[most] - right_gb[least]
    return Verdict(
        word="reproduced" if gap < 0 else "contradicted",
        reason=f"{most} {left_gb[most]:.2f}, {least} {right_gb[least]:.2f} GB, {device}",
        estimate=gap,
    )
