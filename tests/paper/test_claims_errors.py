"""A fault in a file of ``data/paper`` is reported with file, line, key and what is allowed."""

from pathlib import Path

import pytest
from paper_folders import copied
from papers import SHIPPED
from shared_fixtures import ROOT

from cxv.__main__ import main
from cxv.errors import UserError
from cxv.paper.load_claims import load_paper
from cxv.paper.printed_tables import Printed, load_cells

PAPER = ROOT / "data/paper"
CLAIMS, OTHERS = "claims.yaml", "inconsistencies.yaml"

RATIO = """\
      - rule: cost
        column: predicted_peak_bytes
        left: {datasets: [cifar10], models: [convmixer]}
        right: {datasets: [cifar10], models: [cltv]}
        by: ratio
"""
EQUIVALENT = "        within: [1.75, 2]\n"
REASON = """\
      - rule: cost
        column: predicted_peak_bytes
        left: {datasets: [cifar10], models: *cxv}
        right: {datasets: [cifar10], models: *cxv, variants: [softmax_attention]}
        same: [dataset, model]
        below: 0
        why: '"reduce", by no stated amount'
"""
PADDING = """\
      - rule: cost
        column: predicted_peak_bytes
        left: {datasets: [cifar10], models: *cxv, variants: [embed_no_padding], take: mean}
"""

WRONG = {
    "a misspelt key of a claim": (
        CLAIMS, "    claim: With conv", "    claims: With conv",
        "claims.ABS-2.claims: no such key here (allowed: claim, parts, place, quote,",
    ),
    "a misspelt key of a check": (
        CLAIMS, "rank, cells: table1.wavemix", "rank, cell: table1.wavemix",
        "claims.RES-9.parts.0.cell: no such key here (allowed: among, cells, check, lowest, same)",
    ),
    "a misspelt key of a test": (
        CLAIMS, "        below: 0.5", "        belo: 0.5",
        "claims.ABS-2.tests.0.belo: no such key here (allowed: above, below, by, fitted, left,",
    ),
    "an unknown check": (
        CLAIMS, "{check: rank, cells: table1.wavemix", "{check: rang, cells: table1.wavemix",
        "claims.RES-9.parts.0: no 'rang'; did you mean 'rank'? (known: 'compare', 'rank',",
    ),
    "an unknown rule": (
        CLAIMS, "- rule: cost", "- rule: costs",
        "claims.ABS-1.tests.0: no 'costs'; did you mean 'cost'? (known: 'top1', 'cost',",
    ),
    "an unknown model of a table": (
        CLAIMS, "left: table1.convmixer.cifar100", "left: table1.convmixr.cifar100",
        "claims.RES-7.parts.0: no model 'convmixr' (known: all_models, baselines, cct,",
    ),
    "an unknown column": (
        CLAIMS, "left: table1.convmixer.cifar100", "left: table1.convmixer.cifar1000",
        "claims.RES-7.parts.0: no column 'cifar1000' (known: ",
    ),
    "an unknown table": (
        CLAIMS, "left: table1.convmixer.cifar100", "left: table9.convmixer.cifar100",
        "claims.RES-7.parts.0: no table 'table9' in 'table9.convmixer.cifar100' (known: table1,",
    ),
    "a selector of another table's shape": (
        CLAIMS, "left: table2.base.cifar10", "left: table2.base",
        "claims.ABL-4.parts.0: 'table2.base' should read table2.variant.column",
    ),
    "a pair that is not printed": (
        OTHERS, "left: table3.cifar10.cpv.dualopt", "left: table3.cifar100.cpv.dualopt",
        "inconsistencies.INC-18.parts.1: 'table3.cifar100.cpv.dualopt' points at no printed number",
    ),
    "sides that share nothing": (
        CLAIMS, "right: \"table1.{cxv}.cifar100\"", "right: \"table1.{cxv}.cifar10\"",
        "claims.RES-7.parts.0: 'table1.convmixer.cifar100' and 'table1.{cxv}.cifar10' share no col",
    ),
    "no bound": (
        CLAIMS, "by: ratio, within: [1.75, 2]}", "by: ratio}",
        "claims.RES-8.parts.0: needs one of above, below, within, rounds_to",
    ),
    "a test without a bound": (
        CLAIMS, RATIO + EQUIVALENT, RATIO,
        "claims.RES-8.tests.0: needs one of above, below, within",
    ),
    "a test of two bounds": (
        CLAIMS, RATIO + EQUIVALENT, RATIO + EQUIVALENT + "        above: 1.9\n",
        "claims.RES-8.tests.0: needs one of above, below, within",
    ),
    "a bound whose ends are exchanged": (
        CLAIMS, RATIO + EQUIVALENT, RATIO + "        within: [2, 1.75]\n",
        "claims.RES-8.tests.0: within needs the lower end, then the upper one",
    ),
    "a bound that is no number": (
        CLAIMS, "        below: -4", "        below: .inf",
        "claims.ABL-12.tests.0.below: ",
    ),
    "a bound that no words give": (
        CLAIMS, REASON, REASON.rpartition("        why")[0],
        "claims.ABS-1.tests.0.why: is missing",
    ),
    "the best of several costs": (
        CLAIMS, PADDING, PADDING.replace("mean", "best"),
        "claims.ABL-2.tests.0: this rule takes each, mean, not best",
    ),
    "a cost of trained runs": (
        CLAIMS, "column: predicted_peak_bytes", "column: top1",
        "claims.ABS-1.tests.0.column: ",
    ),
    "a decision that is none": (
        CLAIMS, "fitted: [D15, D17, D28]", "fitted: [15]",
        "claims.SET-1.tests.0.fitted.0: ",
    ),
    "a test of structure without evidence": (
        CLAIMS, "shown_by: [\"tests/paper/test_claims_structure.py::test_a_cxv_has_no",
        "missing: [\"tests/paper/test_claims_structure.py::test_a_cxv_has_no",
        "claims.INT-3.tests.0: needs shown_by or refuted_by",
    ),
    "a claim with a duplicate key": (
        CLAIMS, "  ABS-2:", "  ABS-1:",
        "claims.ABS-1: duplicate key; the first is on line ",
    ),
    "an inconsistency of an unknown claim": (
        OTHERS, "touches: [RES-3]", "touches: [RES-33]",
        "inconsistencies.INC-08.touches: no claim 'RES-33'; did you mean 'RES-3'? (known: ABL-1,",
    ),
    "a negative tolerance": (
        "tolerances.yaml", "alpha: 0.05", "alpha: -0.05",
        "alpha: must be above 0, not -0.05",
    ),
    "a number that is none": (
        "table1.csv", "88.46", "88,46", "has more cells than there are columns",
    ),
    "a curve of two sides without a right": (
        CLAIMS, "curve: share_of_epochs", "curve: final_train_loss",
        "claims.MET-10.tests.0.curve: `right` is required by epochs_to_target, final_train_loss,"
        " else not allowed",
    ),
    "a fitted cell that is not printed": (
        "paper.yaml", '"table1.wavemix.params_m": D17', '"table1.wavemix.params": D17',
        "fitted.table1.wavemix.params: no column 'params' (known: ",
    ),
    "a number left out": ("table1.csv", "88.46", "", "cifar10: '' is no number"),
    "a column left out": ("table3.csv", "dataset,", "data,", "no column dataset"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_a_fault_is_reported_with_its_place(case: str, tmp_path: Path) -> None:
    file, old, new, expected = WRONG[case]
    copy = tmp_path / "paper"
    copied(copy)
    text = (copy / file).read_text()
    assert old in text, f"{file} no longer holds {old!r}"
    (copy / file).write_text(text.replace(old, new, 1))
    with pytest.raises(UserError) as caught:
        load_paper(copy)
    line = text[: text.index(old)].count("\n") + 1
    assert f"{copy / file}:{line}: {expected}" in str(caught.value)
    assert "selects nothing" not in str(caught.value)  # the inner fault is shown instead


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"paper\.yaml: No such file"):
        load_paper(tmp_path)
    with pytest.raises(UserError, match=r"table1\.csv: No such file"):
        load_cells(tmp_path, SHIPPED.description.file)


def test_the_command_tells_it_without_a_traceback(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert main(["claims", "--paper", str(tmp_path), "--params", str(ROOT / "params.yaml")]) == 1
    assert "paper.yaml" in caplog.text


@pytest.fixture
def printed() -> Printed:
    groups = {"cxv": ("cnv", "cltv", "cpv"), "resnets": ("resnet18", "resnet34")}
    return Printed(SHIPPED.description.cells, SHIPPED.description.file, groups)


@pytest.mark.parametrize(
    ("selector", "digits"),
    [
        ("table1.cpv.cifar10", ["91.42"]),
        ("table1.{cpv}.cifar10", ["91.42"]),
        ("table1.cxv.gpu_gb", ["3.1", "1.8", "3.2"]),
        ("table1.{cxv,wavemix}.params_m", ["1.4", "1.3", "1.3", "1.3"]),
        ("table3.cifar100.*.adamw", ["48.61", "49.75", "57.62", "54.24"]),
        ("table3.*.{resnets}.increase_percent", ["6.81"]),
        ("table4.cltv.*", ["88.16", "91.40"]),
    ],
)
def test_a_selector_points_at_numbers(printed: Printed, selector: str, digits: list[str]) -> None:
    assert [cell.digits for cell in printed.select(selector)] == digits
