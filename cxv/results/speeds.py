"""The cells of a network's speed: left out where it could not be measured well."""

from cxv.records.costs import CostProfile
from cxv.records.run import Cell
from cxv.results.lookup import Gap

SPEED = ("inference_images_per_second", "inference_spread")
"""Columns."""

MOST_SPREAD = 0.25
"""Of the median: where the quartiles are further apart, something else had the machine.

``torch.utils.benchmark`` warns of "significant environmental influence" from there on.
"""


def speed_cells(measured: CostProfile, source: str) -> dict[str, Cell | Gap]:
    """Return images a second and their spread, or why there are none.

    Args:
        measured: by a profile.
        source: names the profile.
    """
    speed = measured.inference
    between = f"{speed.lower_images_per_second:,.0f} to {speed.upper_images_per_second:,.0f}"
    if speed.timed == 1:
        seconds = measured.timed_batch / speed.median_images_per_second
        return _left_out(f"a step of {measured.timed_batch} images takes {seconds:.1f} s")
    if speed.spread > MOST_SPREAD:
        return _left_out(f"unsteady: half of {speed.timed} timings at {between} images/s")
    how = f"inference in float32, median of {speed.timed} timings"
    return {
        "inference_images_per_second": Cell(
            speed.median_images_per_second, "images/s", f"{how}; half at {between}", (source,)
        ),
        "inference_spread": Cell(
            speed.spread, "fraction of the median", "between the quartiles of timings", (source,)
        ),
    }


def _left_out(reason: str) -> dict[str, Cell | Gap]:
    return dict.fromkeys(SPEED, Gap("not timed", reason))
