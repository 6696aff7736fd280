"""Is a count, or a peak of memory, the printed one?"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from cxv.paper.tolerances import Tolerances
from cxv.paper.verdict_rules.verdict import Verdict, not_run


def static(counts: Mapping[str, int], printed: str, unit: float) -> Verdict:
    """Judge whether a count, by any of the conventions given, rounds to the printed digits.

    Args:
        counts: convention -> count. All are reported.
        printed: digits, as the paper gives them; what is half of the last away rounds to them.
        unit: of these, such as 1e6.
    """
    if not counts:
        return not_run("a profile")
    tolerance = float(Decimal(1).scaleb(int(Decimal(printed).as_tuple().exponent)) / 2)
    off = {name: round(abs(n / unit - float(printed)), 9) for name, n in counts.items()}
    agree = [name for name in counts if off[name] <= tolerance]
    chosen = agree[0] if agree else next(iter(counts))
    counted = ", ".join(f"{name} {count / unit:.4g}" for name, count in counts.items())
    met = f", met by {', '.join(agree) or 'none'}" if len(counts) > 1 else ""
    return Verdict(
        word="reproduced" if agree else "not_reproduced",
        reason=f"{counted}; printed {printed}{met}",
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
    """Judge whether a peak is near the printed one, on a GPU like the paper's.

    On any other device, and where it was predicted, it is shown and not judged.

    Args:
        peak_gb: at the paper's batch and precision, 10⁹ bytes.
        device: its name, or "predicted".
        printed_gb: 10⁹ bytes.
        tolerances: how near is near.
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
