"""What a report prints of a number: how it is rounded, its unit, and what is next to it."""

import csv
from pathlib import Path
from typing import Any

import pytest
import samples
from judged import PAPER, by_model, differing, grid, make
from look_up import find_counts, find_searches, find_summaries, study_table

from cxv.config.grid import Params
from cxv.config.spec import Space
from cxv.paper.claims_from_runs import judge_claims
from cxv.paper.judging_context import JudgedPair
from cxv.records.config_search import Candidate, SearchResult
from cxv.records.run import Cell
from cxv.report.contents import ExtraRecords, ReportData
from cxv.report.exports import table_csv
from cxv.report.figures.figures import Shown, illustrations
from cxv.report.sections import claims
from cxv.report.sections.claims import Comparison
from cxv.report.sections.config_search import lines, varied
from cxv.report.sections.paper_tables import count_verdicts
from cxv.results.lookup import FRACTION, CountsLookup, Gap

SEARCHES, COUNTS = PAPER.description.searches(), PAPER.description.counts()
assert COUNTS


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Params:
    monkeypatch.chdir(tmp_path)
    return samples.grid(tmp_path)


def printed(pair: JudgedPair) -> Comparison:
    """Return a comparison by the rules of the page: three digits, a p-value of two."""
    found = pair.verdict

    def number(value: float) -> str:
        return f"{value:.3g}".replace("-", "\N{MINUS SIGN}")

    ours = found.estimate if found.mean is None else found.mean
    interval = ""
    if found.low is not None and found.high is not None:
        interval = f"[{number(found.low)}, {number(found.high)}]"
    return Comparison(
        what=pair.what,
        verdict=found.word.replace("_", " "),
        estimate="" if ours is None else f"{number(ours)} {pair.unit}",
        interval=interval,
        seeds=str(found.n) if found.n else "",
        p="" if found.p is None or found.word == "inconclusive" else f"{found.p:.2g}",
    )


def test_a_comparison_of_a_claim_has_its_estimate_interval_seeds_and_p(tmp_path: Path) -> None:
    params = grid(tmp_path)
    lost = {"cifar10/cpv/base/s0/adamw/sgd", "cifar10/cpv/base/s1/adamw/sgd"}
    records = make(params, tmp_path, by_model(cnv=90.0), missing=lost)
    judged = judge_claims(PAPER, records)
    shown: Any = claims.context(PAPER, records)["claims"]
    seen: set[str] = set()
    for line in (line for section in shown.values() for line in section):
        for shown_test, test in zip(line.tests, judged[line.id].tests, strict=True):
            made = [pair for pair in test.pairs if pair.verdict.word != "not_run"]
            assert [x.what for x in shown_test.comparisons] == [pair.what for pair in made]
            for comparison, pair in zip(shown_test.comparisons, made, strict=True):
                expected = printed(pair)
                assert comparison == expected
                seen |= {name for name in ("estimate", "interval", "p") if getattr(expected, name)}
    assert seen == {"estimate", "interval", "p"}


def test_a_difference_is_a_fraction_and_its_rule_says_how_many_seeds_and_which_are_lost(
    study: Params,
) -> None:
    lost = "digits/cpv_small/gelu/s1/adamw/sgd"
    [found] = differing(samples.made(study, missing={lost}), "variant")
    assert isinstance(found.cell, Cell)
    assert found.cell.unit == FRACTION
    assert found.cell.rule == (
        "mean of paired differences, 1 seed; dualopt, gelu: 1 of 2 not run (seed 1)"
    )


def test_without_the_model_as_it_is_recipes_are_compared_and_edits_are_not(study: Params) -> None:
    edited = "variants: [gelu, norm], recipes: [adamw, dualopt]"
    text = (
        samples.GRID.replace("models: [cpv_small, resnet18]", "models: [resnet18]")
        .replace("variants: {gelu", "variants: {norm: {edits: [pre_norm]}, gelu")
        .replace("variants: [gelu, base], recipes: [dualopt]", edited)
    )
    table = samples.made(samples.grid(Path.cwd(), text))
    along = differing(table, "recipe")
    assert [(x.row.variant.name, x.row.recipe) for x in along if x.row.variant.is_edited] == [
        ("gelu", "dualopt"),
        ("norm", "dualopt"),
    ]
    assert differing(table, "variant") == ()


def test_a_study_with_the_paper_keeps_what_was_found_apart_from_its_runs(study: Params) -> None:
    counts: CountsLookup = find_counts(Path("counts.json"), COUNTS)
    found = find_searches(["cnv"], SEARCHES, Path("config_search"))
    table = study_table(study, "small", samples.RUNS, samples.PROFILES)
    contents = ReportData.of(table, ExtraRecords(counts=counts, searches=found), PAPER)
    assert contents.searches is found
    assert contents.counts is counts


def test_tables_of_the_paper_say_how_many_of_their_numbers_came_out_how(study: Params) -> None:
    contents = ReportData.of(samples.made(study), paper=PAPER)
    tables: Any = contents.paper["printed"]
    for table in tables:
        cells = [one for one in contents.cells.values() if one.printed.table == table.name]
        assert table.verdict_counts == count_verdicts(cells) != ""


def test_a_search_names_edits_and_maps_where_they_vary() -> None:
    spec = SEARCHES["cpv"]
    space = Space(
        settings={"mixer.head_dim": (16, 32)},
        edits=((), ("pre_norm", "no_conv")),
        image_sizes=(32, 64),
    )
    spec = spec.model_copy(update={"space": space})
    found = [
        Candidate(
            settings={"mixer.head_dim": 16}, edits=edits, image_size=size, chosen=False,
            params={"modules": 1}, macs={"thop": 1},
        )
        for edits, size in (((), 32), (("pre_norm", "no_conv"), 64))
    ]  # fmt: skip
    findings = SearchResult(tried=2, choice=found[0], explanations=(), nearest=tuple(found))
    assert [line.settings for line in lines(spec, findings)] == [
        "head_dim 16, as it is, 32 \N{MULTIPLICATION SIGN} 32 maps",
        "head_dim 16, pre_norm, no_conv, 64 \N{MULTIPLICATION SIGN} 64 maps",
    ]
    assert varied(space) == {
        "mixer.head_dim": "16, 32",
        "edits": "none, pre_norm and no_conv",
        "maps": "32 \N{MULTIPLICATION SIGN} 32, 64 \N{MULTIPLICATION SIGN} 64",
    }


def test_a_number_that_is_missing_has_no_sources_and_no_unit(study: Params) -> None:
    table = study_table(study, "small", samples.RUNS, samples.PROFILES)
    for line in csv.DictReader(table_csv(table).splitlines()):
        found = [line[name] for name in ("value", "unit", "n", "sources")]
        assert found == ["", "", "0", ""]


def test_a_network_that_was_not_watched_leaves_its_title_and_the_reason(study: Params) -> None:
    model_summaries = find_summaries(study, "small", Path("model_summaries"), PAPER.description)
    table = study_table(study, "small", samples.RUNS, samples.PROFILES)
    [found] = [
        one
        for one in illustrations(table, Shown(model_summaries))
        if one.name.startswith("architecture")
    ]
    assert isinstance(model_summaries[0].record, Gap)
    assert (found.name, found.title) == ("architecture-cnv", "CNV-5/4, as its network was built")
    assert (found.picture, found.why_none) == (None, model_summaries[0].record.reason)
