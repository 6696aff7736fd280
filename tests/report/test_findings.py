"""A report begins with what was found: few sentences, each with its interval and its evidence."""

import re
from contextlib import chdir
from dataclasses import replace
from pathlib import Path

import pytest
import samples
from look_up import study_table

from cxv.config.vocabulary import NO_MEANS
from cxv.report.contents import ReportData
from cxv.report.rendering import render_html, render_markdown
from cxv.report.sections.findings import findings
from cxv.results.records import Records
from cxv.statistics import Interval

GRID = (
    samples.GRID.partition("studies:")[0]
    .replace("seeds: [0, 1]", "seeds: [0, 1, 2]")
    .replace("select_on: validation", "select_on: test")
    + """studies:
  small:
    title: Small
    runs:
      - {datasets: [digits], models: [resnet18, cpv_small, cnv], recipes: [adamw, dualopt]}
"""
)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> ReportData:
    folder = tmp_path_factory.mktemp("study")
    with chdir(folder):
        return ReportData.of(samples.made(samples.grid(folder, GRID)))


@pytest.fixture(scope="module")
def page(data: ReportData) -> str:
    return render_html(data)


def said(data: ReportData) -> list[str]:
    return [one.says for one in data.findings]


def test_the_first_sentence_is_of_all_models_with_the_interval_of_the_table(
    data: ReportData,
) -> None:
    [pooled] = data.pooled["recipe"]
    assert pooled.interval is not None
    low, high = (f"{end:+.2f}".replace("-", "\N{MINUS SIGN}") for end in pooled.interval)
    first = data.findings[0]
    assert first.says.startswith(
        "Dualopt (AdamW up to 8, then SGD up to 5 epochs) against adamw (AdamW up to 8 epochs): "
    )
    assert f"[{low}, {high}] on average over all 3 models" in first.says
    assert first.evidence == "by-recipe"


def test_a_direction_is_said_only_if_the_interval_has_it(data: ReportData) -> None:
    [pooled] = data.pooled["recipe"]
    low, high = pooled.interval or Interval(0, 0)
    word = "better" if low > 0 else "worse" if high < 0 else "no clear difference"
    assert f": {word}, " in data.findings[0].says


@pytest.mark.parametrize(
    ("cpv", "names"),
    [
        (0.0, r"ResNet-18 \(\+3\d\.\d+\) and CNV-5/4 \(\W2\d\.\d+\)\."),
        (60.0, r"ResNet-18 \(\S+\), cpv_small \(\+6\d\.\d+\) and CNV-5/4 \(\S+\)\."),
    ],
)
def test_models_in_which_it_is_clear_are_named_where_the_average_is_not(
    data: ReportData, cpv: float, names: str
) -> None:
    """Every model's difference is moved until it alone is clear, or left."""
    [pooled] = data.pooled["recipe"]
    assert pooled.interval is not None
    assert pooled.interval.low < 0 < pooled.interval.high
    shifts = {"cnv": -30.0, "cpv_small": cpv, "resnet18": 30.0}
    moved = [
        replace(one, estimate=replace(one.estimate, mean=one.estimate.mean + shift))
        for one in data.comparisons["recipe"]
        if one.estimate and (shift := shifts[one.row.model.name]) is not None
    ]
    records = Records(NO_MEANS, data.table.runs, data.table.profiles)
    found = findings(
        data.table,
        records,
        {},
        {"recipe": [pooled], "variant": ()},
        {"recipe": moved, "variant": ()},
    )
    alone = found[0].says.partition("; of single models, it is clear in ")[2]
    assert re.fullmatch(names, alone)


def test_the_best_of_two_kinds_are_compared_with_an_interval_for_the_choice(
    data: ReportData,
) -> None:
    """Two rows of the one kind and four of the other: eight pairs, and the best was taken."""
    [lead] = [says for says in said(data) if "the best that is not in its group" in says]
    assert "; the interval is wider than others, as results picked this pair out of 8" in lead
    assert re.search(r"\[\S+, \S+\]", lead)
    assert len(re.findall(r"[\d,]+ parameters, [\d,.]+ M MACs", lead)) == 2


def test_the_highest_top1_is_named_with_its_interval(data: ReportData) -> None:
    [best] = [says for says in said(data) if says.startswith("The highest mean top-1")]
    mean, low, high = map(float, re.findall(r"\d+\.\d+", best.partition("-1")[2])[:3])
    assert low < mean < high
    assert "(over seeds and test images)" in best


def test_sentences_are_few_and_stand_above_all_tables_with_a_picture(
    data: ReportData, page: str
) -> None:
    assert 3 <= len(data.findings) <= 5
    header = page.partition("<main")[0]
    assert all(f'href="#{one.evidence}"' in header for one in data.findings)
    assert all(f'id="{one.evidence}"' in page for one in data.findings)
    assert header.count("<svg") == 1
    opening = data.pictures.opening
    assert opening is not None
    assert page.count(f"<b>{opening.title}.</b>") == 1


def test_provenance_is_below_the_numbers(page: str) -> None:
    assert page.index("Data SHA-256") > page.index('id="by-recipe"')


def test_what_intervals_leave_out_is_said_once_where_they_are_first_shown(
    data: ReportData, page: str
) -> None:
    for text, heading in ((page, "digits</h2>"), (render_markdown(data), "## digits")):
        assert text.count("They do not cover other") == 1
        assert text.index("They do not cover other") < text.index(heading)


def test_a_study_without_a_run_says_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    empty = study_table(samples.grid(tmp_path, GRID), "small", samples.RUNS, samples.PROFILES)
    assert ReportData.of(empty).findings == ()
    assert "In brackets" in render_html(ReportData.of(empty))
