"""Which counts of Table 1 round to the print, and which of them were chosen to do so: by hand.

Counts are those of a second implementation of every network, by the paper's rules: torchsummary's
parameters of modules, and MACs by thop 0.0.31 to 0.1 M. `test_costs_as_printed.py` counts ours.
"""

from pathlib import Path

import pytest
from look_up import find_counts
from papers import SHIPPED
from profiled import stamp

from cxv.jobs import counts as counts_job
from cxv.paper.printed_against_ours import JudgedCell, judge_cells
from cxv.records.costs import Counted, CountsRecord
from cxv.results.records import Records

COUNTED = {  # parameters, MACs
    "resnet18": (11_173_962, 0.5567), "resnet34": (21_282_122, 1.1615),
    "fnet": (1_324_298, 1.3439), "mlp_mixer": (21_321_098, 3.0223),
    "wavemix": (1_433_482, 1.2930), "convmixer": (1_339_402, 1.3692),
    "vit": (1_323_018, 1.3439), "vin": (1_282_170, 1.4093), "vip": (1_285_194, 1.3046),
    "vilt": (1_281_866, 1.3114), "cct": (1_301_323, 1.3231), "cvt": (1_299_722, 1.3297),
    "cnv": (1_343_454, 1.3948), "cltv": (1_344_714, 1.3758), "cpv": (1_344_714, 1.3732),
}  # fmt: skip
OFF = {"wavemix", "vip", "vilt", "cvt"}
"""Rows whose MACs would print 1.29 for 2.59, 1.30 for 1.31, 1.31 for 0.33 and 1.33 for 1.32."""
CHOSEN = {
    **dict.fromkeys(("cnv", "cltv", "cpv"), "D1"), **dict.fromkeys(("fnet", "cct"), "D15"),
    "mlp_mixer": "D16", "wavemix": "D17",
    **dict.fromkeys(("convmixer", "vit", "vin", "vip", "vilt", "cvt"), "D28"),
}  # fmt: skip
PARAMETERS_ALONE = {"vit", "vin", "vip", "vilt", "cvt"}
"""Rows whose width of a head was chosen by their parameters: their MACs could have been others."""
ASKED = SHIPPED.description.counts()
assert ASKED
COUNTS = ASKED.model_copy(update={"memory": {}})


@pytest.fixture
def cells(tmp_path: Path) -> dict[str, JudgedCell]:
    found = {
        f"cifar10/{row}/base": Counted(
            params=2 * params,
            params_modules=params,
            macs_thop=round(1e9 * macs),
            macs_ptflops=1,
            macs_fvcore=1,
            macs_products=1,
        )
        for row, (params, macs) in COUNTED.items()
    }
    made = stamp(counts_job.job(COUNTS).code, seconds=1.0)
    path = tmp_path / "networks.json"
    path.write_text(CountsRecord(spec=COUNTS, counted=found, stamp=made).text())
    records = Records(SHIPPED.description.means, (), (), find_counts(path, COUNTS))
    return dict(judge_cells(SHIPPED, records))


def test_counts_agree_are_off_or_were_chosen(cells: dict[str, JudgedCell]) -> None:
    words = {
        f"table1.{row}.{column}": "not_reproduced"
        if column == "macs_g" and row in OFF
        else "fitted"
        if row in CHOSEN and not (column == "macs_g" and row in PARAMETERS_ALONE)
        else "reproduced"
        for row in COUNTED
        for column in ("params_m", "macs_g")
    }
    assert {name: cells[name].verdict.word for name in words} == words
    tally = [*words.values()]
    assert [tally.count(word) for word in ("reproduced", "fitted", "not_reproduced")] == [6, 20, 4]


def test_a_cell_that_was_chosen_names_its_decision(cells: dict[str, JudgedCell]) -> None:
    for row, by in CHOSEN.items():
        reason = cells[f"table1.{row}.params_m"].verdict.reason
        assert reason.endswith(f"; chosen because it gives the print ({by})")
    off = cells["table1.wavemix.macs_g"].verdict
    assert off.reason == "by the paper's rules 1.293; printed 2.59"


@pytest.mark.parametrize(
    ("row", "column", "digits"),
    [("cvt", "macs_g", 1.3297), ("vip", "macs_g", 1.3046), ("wavemix", "macs_g", 1.2930)],
)
def test_a_count_a_printed_unit_off_is_not_the_printed_one(
    cells: dict[str, JudgedCell], row: str, column: str, digits: float
) -> None:
    """Within 0.02 G, two printed units, CvT and Hybrid ViP were once called reproduced."""
    one = cells[f"table1.{row}.{column}"]
    assert one.verdict.estimate == pytest.approx(digits)
    assert one.verdict.word == "not_reproduced"
