"""The report says what explains the printed costs of Table 1, and what was not searched."""

import re
from pathlib import Path

import pytest
import samples
from look_up import find_searches, gather, study_table
from papers import PAPER
from profiled import stamp

from cxv.config.grid import Params
from cxv.config.spec import ConfigSearch
from cxv.jobs.config_search import job as search_job
from cxv.jobs.config_search import jobs as search_jobs
from cxv.records.atomic_files import write
from cxv.records.config_search import Candidate, ConfigSearchRecord, SearchResult
from cxv.report.contents import ExtraRecords, ReportData
from cxv.report.rendering import render_html, render_markdown, write_report
from cxv.results.lookup import Gap
from cxv.results.table import Table

KNOWN = PAPER.description.searches()
FOLDER = Path("results/config_search")


def save(spec: ConfigSearch, *, explained: bool) -> None:
    """Write one search, whose choice explains both numbers or misses the MACs."""
    macs = {"thop": round(float(spec.macs_g) * 1e9) * (1 if explained else 2)}
    choice = Candidate(
        settings={key: values[0] for key, values in spec.space.settings.items()},
        edits=(),
        image_size=32,
        chosen=True,
        params={"all": 99_000_000, "modules": round(float(spec.params_m) * 1e6)},
        macs=macs,
    )
    findings = SearchResult(
        tried=12,
        choice=choice,
        explanations=(choice,) if explained else (),
        nearest=() if explained else (choice, choice),
    )
    code = search_job(spec).code
    record = ConfigSearchRecord(spec=spec, findings=findings, stamp=stamp(code, seconds=2.4))
    write(FOLDER / f"{spec.id}.json", record.text())


@pytest.fixture
def params(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Params:
    monkeypatch.chdir(tmp_path)
    save(KNOWN["cpv"], explained=True)
    save(KNOWN["wavemix"], explained=False)
    return samples.grid(tmp_path)


@pytest.fixture
def table(params: Params) -> Table:
    return study_table(params, "small", samples.RUNS, samples.PROFILES)


@pytest.fixture
def report(table: Table) -> tuple[str, str]:
    """One row that is explained, one that is not, and one not run."""
    found = find_searches(("cpv", "wavemix", "vilt"), KNOWN, FOLDER)
    contents = ReportData.of(table, ExtraRecords(searches=found), PAPER)
    return render_html(contents), render_markdown(contents)


def test_both_forms_name_the_settings_and_say_where_nothing_explains(
    report: tuple[str, str],
) -> None:
    for text in report:
        assert "Unstated settings" in text
        assert "expansion 1, head_dim 16, stem_divisor 1" in text
        assert text.count("nothing explains both") == 1


def test_a_line_has_the_counts_the_rules_that_give_the_print_and_the_choice(
    report: tuple[str, str],
) -> None:
    explained, unexplained = (line for line in report[1].splitlines() if "| 12 |" in line)
    assert explained.startswith("| CPV-5/4 | 1.3 | 1.37 | 12 |")
    assert explained.endswith("| 1.3000 | modules | 1.3700 | thop | yes |")
    assert unexplained.startswith("| WaveMix-5: nothing explains both | 1.4 | 2.59 | 12 |")
    assert unexplained.endswith("| 1.4000 | modules | 5.1800 | none | yes |")


def test_a_search_opens_its_evidence_and_one_that_never_ran_says_so(
    report: tuple[str, str],
) -> None:
    html, markdown = report
    targets = set(re.findall(r'popovertarget="(unsaid-\w+)"', html))
    assert targets == {"unsaid-cpv", "unsaid-wavemix", "unsaid-vilt"}
    assert targets <= set(re.findall(r'id="(unsaid-\w+)"', html))
    assert "snakemake --cores 1 --force results/config_search/cpv.json" in html
    assert "results/config_search/vilt.json: not made yet" in html
    assert "| Hybrid ViLT-6/8 | 1.3 | 0.33 | not run |" in markdown


def test_a_search_for_other_digits_is_withheld(params: Params) -> None:
    other = KNOWN["cpv"].model_copy(update={"macs_g": "1.38"})
    [found] = find_searches(["cpv"], {"cpv": other}, FOLDER)
    assert isinstance(found.record, Gap)
    assert found.record.status == "stale"
    assert "macs_g: '1.37' != '1.38'" in found.record.reason


def test_only_models_that_are_trained_as_they_are_are_searched_for(params: Params) -> None:
    found = search_jobs(params, "small", PAPER.description)
    assert [*found] == ["cnv"]  # not cpv, which is shrunk there, nor resnet18, on other images


def test_a_model_that_the_paper_lacks_needs_no_search(params: Params) -> None:
    [found] = find_searches(("cpv", "our_own"), KNOWN, FOLDER)
    assert found.spec == KNOWN["cpv"]


def test_without_searches_there_is_no_such_section(table: Table) -> None:
    contents = ReportData.of(table)
    assert "unsaid" not in render_html(contents) + render_markdown(contents)


def test_what_is_written_has_the_section(params: Params) -> None:
    found = find_searches(search_jobs(params, "small", PAPER.description), KNOWN, FOLDER)
    folders = (samples.RUNS, samples.PROFILES)
    contents = gather(params, "small", *folders, ExtraRecords(searches=found), PAPER)
    write_report(contents, Path("written"))
    for form in ("html", "md", "tex"):
        assert "Unstated settings" in Path("written", f"report.{form}").read_text()
