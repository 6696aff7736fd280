"""The paper's claims, judged by the numbers that it prints; a changed number changes a verdict."""

import re
from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
import yaml
from by_hand import unrun
from shared_fixtures import ROOT

from cxv.__main__ import main
from cxv.config.spec import Variant
from cxv.paper.claim_tests import RULES, NumberTest, RatioTest, StructureTest
from cxv.paper.claims_from_runs import WORDS
from cxv.paper.load_claims import Paper, load_paper
from cxv.paper.names import faults
from cxv.paper.printed_check_spec import Refuted, Shown

PAPER = ROOT / "data/paper"
SOURCE = ROOT.parent / "shared/paper"
"""The paper's text, and a list of its claims that was made by hand."""

DIFFERS: dict[str, str] = {}
"""Claims on which that list says something else, and why it should not."""

needs_source = pytest.mark.skipif(
    not (SOURCE / "claims.yaml").exists(), reason=f"no list of claims in {SOURCE}"
)


@cache
def paper() -> Paper:
    return load_paper(PAPER)


@cache
def listed() -> dict[str, list[dict[str, str]]]:
    """Return the list that was made by hand."""
    found: dict[str, list[dict[str, str]]] = yaml.safe_load((SOURCE / "claims.yaml").read_text())
    return found


def test_nothing_of_the_paper_is_left_out() -> None:
    assert len(paper().printed.cells) == 138
    assert len(paper().claims) == 97
    assert list(paper().inconsistencies) == [f"INC-{number:02}" for number in range(1, 21)]


def test_the_verdicts_add_up() -> None:
    verdicts = Counter(judged.verdict for judged in paper().judgements.values())
    assert verdicts == {"holds": 21, "partly": 23, "fails": 12, "not_checkable": 41}


@needs_source
def test_each_verdict_is_the_one_found_by_hand() -> None:
    by_hand = {claim["id"]: claim["paper_check"] for claim in listed()["claims"]}
    ours = {id: judged.verdict for id, judged in paper().judgements.items()}
    assert ours.keys() == by_hand.keys()
    assert {id for id in ours if ours[id] != by_hand[id]} == DIFFERS.keys()


@needs_source
def test_each_number_is_the_one_transcribed_before() -> None:
    transcribed = Counter((str(c["table"]), f"{c['value']:.4f}") for c in listed()["cells"])
    cells = paper().printed.cells.values()
    assert Counter((cell.table[-1], f"{cell.value:.4f}") for cell in cells) == transcribed


@needs_source
def test_claims_are_in_our_words() -> None:
    text = " ".join(re.findall(r"[a-z0-9]+", (SOURCE / "paper.md").read_text().lower()))
    sentences = [claim.claim for claim in paper().claims.values()]
    for sentence in sentences + [entry.what for entry in paper().inconsistencies.values()]:
        words = re.findall(r"[a-z0-9]+", sentence.lower())
        runs = (" ".join(words[start : start + 7]) for start in range(len(words) - 6))
        assert not [run for run in runs if run in text], sentence


def test_every_inconsistency_is_there() -> None:
    verdicts = {id: judged.verdict for id, judged in paper().shown.items()}
    silent = {id for id, verdict in verdicts.items() if verdict == "not_checkable"}
    assert silent == {"INC-17", "INC-20"}  # of what the paper leaves out
    assert {verdicts[id] for id in verdicts.keys() - silent} == {"holds"}


def test_evidence_exists() -> None:
    entries = [*paper().claims.values(), *paper().inconsistencies.values()]
    cited = {
        part.by for entry in entries for part in entry.parts if isinstance(part, Shown | Refuted)
    }
    tests = [test for claim in paper().claims.values() for test in claim.tests]
    cited |= {
        by
        for test in tests
        if isinstance(test, StructureTest)
        for by in test.shown_by + test.refuted_by
    }
    decisions = re.findall(r"^\| (D\d+) \|", (PAPER / "README.md").read_text(), re.MULTILINE)
    for evidence in cited:
        file, _, name = evidence.partition("::")
        assert evidence in decisions or f"def {name}(" in (ROOT / file).read_text(), evidence


def test_every_number_has_a_rule_and_every_rule_a_use() -> None:
    rules = {cell.column: cell.rule for cell in paper().printed.cells.values()}
    tops = {"cifar10", "cifar100", "tiny_imagenet", "adamw", "dualopt", "randaugment", "posttrain"}
    assert rules == dict.fromkeys(tops, "R-acc") | {
        "params_m": "R-static",
        "macs_g": "R-static",
        "gpu_gb": "R-mem",
        "increase_percent": "R-arith",
    }
    used = {test.rule for claim in paper().claims.values() for test in claim.tests}
    assert used | set(rules.values()) == RULES.keys()


def test_every_tolerance_has_a_use() -> None:
    tests = [test for claim in paper().claims.values() for test in claim.tests]
    tolerances = paper().tolerances
    assert {
        test.tolerance for test in tests if isinstance(test, NumberTest)
    } == tolerances.num.keys()
    ratios = {test.tolerance for test in tests if isinstance(test, RatioTest)}
    assert ratios - {None} == tolerances.ratio.keys()


def test_tests_ask_for_what_means_yaml_has() -> None:
    assert not list(faults(paper().description, paper().claims))


def test_names_that_means_yaml_lacks_or_no_longer_lacks_are_reported() -> None:
    description = paper().description
    known = description.means.variants
    variants = {name: one for name, one in known.items() if name != "batch_norm"}
    variants |= {"class_token": Variant(name="class_token")}
    means = description.means.model_copy(update={"variants": variants})
    messages = [fault for _, fault in faults(replace(description, means=means), paper().claims)]
    assert "means.yaml has variants.class_token by now" in messages
    assert any(fault.startswith("no variant 'batch_norm'") for fault in messages)


def test_the_listing_has_both_verdicts_on_each_claim(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    files = ["--paper", str(PAPER), "--params", str(ROOT / "params.yaml")]
    assert main(["claims", *files, "--results", str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[:194:2]] == list(paper().claims)
    assert all(" printed:  " in line for line in lines[:194:2])
    assert all(" our runs: " in line for line in lines[1:194:2])
    assert max(map(len, lines)) < 180
    assert "97 claims, by the paper's own 138 numbers: 21 hold" in lines[-3]
    words = Counter(unrun().values())
    counted = [f"{words[word]} {word.replace('_', ' ')}" for word in WORDS if words[word]]
    assert lines[-2] == f"97 claims, by our runs: {', '.join(counted)}"
    assert lines[-1] == f"tolerances.yaml {paper().tolerances.sha256}"
