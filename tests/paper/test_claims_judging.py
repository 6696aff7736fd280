"""Verdicts are computed: each comparison can come out either way, and a changed number shows."""

import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from paper_folders import copied
from shared_fixtures import ROOT

from cxv.paper.claims_from_printed_numbers import find, judge
from cxv.paper.load_claims import Paper, load_paper
from cxv.paper.printed_check_spec import Compare, Refuted, Shown, Title
from cxv.paper.printed_tables import Printed, load_cells

PAPER = ROOT / "data/paper"


@cache
def paper() -> Paper:
    return load_paper(PAPER)


def changed(folder: Path, file: str, old: str, new: str) -> Path:
    """Return a copy of ``data/paper`` after one edit."""
    copy = folder / "paper"
    copied(copy)
    text = (copy / file).read_text()
    assert old in text, f"{file} no longer holds {old!r}"
    (copy / file).write_text(text.replace(old, new, 1))
    return copy


def printed_in(folder: Path) -> Printed:
    """Return the numbers of the tables in a folder."""
    file = paper().description.file
    return Printed(load_cells(folder, file), file, paper().printed.groups)


@pytest.mark.parametrize(
    ("file", "old", "new", "claim", "verdict"),
    [
        ("table1.csv", "88.46,61.80", "88.46,57.40", "RES-7", "fails"),
        ("table1.csv", "ResNet-34,21.3,", "ResNet-34,2.3,", "CON-4", "fails"),
        ("table1.csv", "WaveMix-5,1.4,0.4", "WaveMix-5,1.4,0.7", "RES-9", "fails"),
        ("table1.csv", "ViT-10/4,1.3,14.7", "ViT-10/4,1.3,180.7", "RES-14", "holds"),
        ("table1.csv", "ViT-10/4,1.3,14.7", "ViT-10/4,1.3,56.9", "RES-14", "holds"),  # 31.61
        ("table1.csv", "WaveMix-5,1.4", "WaveMix-5,1.5", "SET-1", "fails"),
        ("table1.csv", "51.05", "91.05", "RES-10", "fails"),
        ("table1.csv", "CvT-5/4", "CvT-6/4", "SET-17", "fails"),
        ("table1.csv", "61.80", "60.10", "ABS-4", "holds"),
        ("table2.csv", "89.93", "89.50", "ABL-4", "fails"),
        ("table3.csv", "CPV,90.55", "CPV,91.55", "ABS-3", "fails"),
        ("table3.csv", "CPV,90.55", "CPV,91.55", "INT-5", "fails"),
        ("table4.csv", "92.26", "91.26", "AUG-4", "fails"),
        ("table4.csv", "94.46", "90.46", "AUG-5", "partly"),  # 2.05 points, and CPV is worse
        ("table4.csv", "94.46", "90.26", "AUG-5", "fails"),  # 1.98 points
        ("table4.csv", "94.46", "97.46", "AUG-5", "partly"),  # 4.38 points
        ("table4.csv", "92.21", "92.45", "AUG-2", "holds"),
    ],
)
def test_a_changed_number_changes_a_verdict(
    tmp_path: Path, file: str, old: str, new: str, claim: str, verdict: str
) -> None:
    assert paper().judgements[claim].verdict != verdict
    printed = printed_in(changed(tmp_path, file, old, new))
    assert judge(paper().claims[claim].parts, printed).verdict == verdict


@pytest.mark.parametrize(
    ("file", "old", "new", "inconsistency"),
    [
        ("table3.csv", "6.81", "6.82", "INC-18"),
        ("table1.csv", "32.70", "33.04", "INC-02"),
        ("table3.csv", "CLVT", "CLTV", "INC-04"),
        ("table1.csv", "1.3,2.6,0.33", "1.3,2.6,1.33", "INC-05"),
    ],
)
def test_a_changed_number_mends_an_inconsistency(
    tmp_path: Path, file: str, old: str, new: str, inconsistency: str
) -> None:
    assert paper().shown[inconsistency].verdict == "holds"
    printed = printed_in(changed(tmp_path, file, old, new))
    assert judge(paper().inconsistencies[inconsistency].parts, printed).verdict != "holds"


def comparisons() -> list[tuple[str, Compare]]:
    """Return every comparison with a bound of its own whose sides have no number in common."""
    entries = [*paper().claims.items(), *paper().inconsistencies.items()]
    parts = [(id, part) for id, entry in entries for part in entry.parts]
    found = [(id, part) for id, part in parts if isinstance(part, Compare)]
    fixed = [(id, part) for id, part in found if "table" not in (part.rounds_to or "")]
    return [(id, part) for id, part in fixed if not (sides(part)[0] & sides(part)[1])]


def sides(check: Compare) -> tuple[set[str], set[str]]:
    """Return the names of the printed numbers on the left and on the right."""
    selectors = (re.sub(r"^\w+\((.*)\)$", r"\1", str(side)) for side in (check.left, check.right))
    left, right = (
        {cell.name for cell in paper().printed.select(selector)} if "table" in selector else set()
        for selector in selectors
    )
    return left, right


def with_values(check: Compare, left: float, right: float) -> Printed:
    """Return printed numbers in which the sides of a comparison have these values."""
    lefts, rights = sides(check)
    values = dict.fromkeys(rights, right) | dict.fromkeys(lefts, left)
    cells = [
        replace(cell, digits=str(values.get(name, cell.digits)))
        for name, cell in paper().printed.cells.items()
    ]
    return Printed(cells, paper().description.file, paper().printed.groups)


def bounds(check: Compare) -> tuple[float, float]:
    """Return a value inside of the bound of a comparison, and one outside."""
    if check.above is not None:
        return check.above + 0.25, check.above - 0.25
    if check.below is not None:
        return check.below - 0.25, check.below + 0.25
    low, high = check.within or 2 * (float(check.rounds_to or 0),)
    return (low + high) / 2, high + 1


@pytest.mark.parametrize(("id", "check"), comparisons())
def test_a_comparison_can_come_out_either_way(id: str, check: Compare) -> None:
    right = 100.0 if isinstance(check.right, str) else check.right
    outcomes = []
    for value in bounds(check):
        left = {
            "difference": right + value,
            "ratio": right * value,
            "percent": right * (1 + value / 100),
        }[check.by]
        outcomes.append(find(check, with_values(check, left, right)).true)
    assert outcomes == [True, False]


@pytest.mark.parametrize(
    ("bound", "true"), [({"above": 0}, False), ({"below": 0}, False), ({"within": (0, 0)}, True)]
)
def test_equal_numbers_are_in_no_order(bound: dict[str, Any], true: bool) -> None:
    check = Compare(
        check="compare", left="table1.vin.params_m", right="table1.vip.params_m", **bound
    )
    assert find(check, paper().printed).true is true


@pytest.mark.parametrize(("matches", "true"), [("CCT-6", False), ("CCT-6/.", True)])
def test_all_of_a_name_is_compared(matches: str, true: bool) -> None:
    check = Title(check="title", cells="table1.cct.cifar10", matches=matches)
    assert find(check, paper().printed).true is true


YES = Shown(check="shown", says="yes", by="D1")
NO = Refuted(check="refuted", says="no", by="D1")


@pytest.mark.parametrize(
    ("parts", "verdict"),
    [
        ([YES, YES], "holds"),
        ([YES, NO], "partly"),
        ([NO, NO], "fails"),
        (["?"], "not_checkable"),
        ([YES, "?"], "partly"),
        ([NO, "?"], "fails"),
    ],
)
def test_parts_add_up_to_a_verdict(parts: list[Any], verdict: str) -> None:
    unprinted = paper().claims["INT-4"].parts[0]
    checks = [unprinted if part == "?" else part for part in parts]
    assert judge(checks, paper().printed).verdict == verdict


@pytest.mark.parametrize(
    ("claim", "line"),
    [
        (
            "ABS-4",
            "not as claimed in 1 of 12 pairs: CLTV-5/4 60.11 < ConvMixer-16 61.80, CIFAR-100",
        ),
        ("RES-8", "ConvMixer-16 3.5 GB / CLTV-5/4 1.8 GB = 1.94"),
        ("RES-9", "WaveMix-5 0.4 GB is number 1 of 15 from below"),
        ("RES-14", "ViT-10/4 14.7 GB / CLTV-5/4 1.8 GB = 8.17, not above 31.6"),
        ("RES-3", "CPV-5/4 91.42 against ResNet-34 87.97: +3.92 %, CIFAR-10, not 6 %"),
        (
            "OPT-1",
            "ViT 11.12 % \N{MINUS SIGN} CPV 0.96 % = +10.16, Tiny ImageNet, not from"
            " \N{MINUS SIGN}1 to 1",
        ),
        ("AUG-5", "mean of 3 92.71 \N{MINUS SIGN} mean of 3 89.32 = +3.38, CIFAR-10"),
        ("SET-2", "printed as CLVT, not CLTV"),
    ],
)
def test_a_verdict_tells_the_numbers_that_decide(claim: str, line: str) -> None:
    judged = paper().judgements[claim]
    assert judged.headline == line
    assert judged.line.startswith(line)
    assert all(finding.line in judged.line for finding in judged.findings)
