"""What a study, a run or a checkout came to stands in the terminal, with its intervals."""

import json
import webbrowser
from pathlib import Path

import pytest
import samples
from scipy.stats import binomtest

from cxv.cli.open_report import open_report
from cxv.cli.show import Shown
from cxv.cli.show import show as show_with_data
from cxv.config.grid import Params
from cxv.errors import UserError
from cxv.records.predictions import Predictions
from cxv.records.seal import AlteredError

RESULTS = Path("results")
MISSING = {f"cifar10/cnv/base/s{seed}/adamw_ra/adamw/sgd" for seed in (0, 1, 2)}
RUN = "digits/resnet18/base/s0/adamw"
REPORT = RESULTS / "studies/small/report.html"


def show(params: Params, name: str | None) -> Shown:
    return show_with_data(params, name, results=RESULTS, data=Path("data/raw"))


@pytest.fixture
def params(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Params:
    monkeypatch.chdir(tmp_path)
    params = samples.grid(tmp_path)
    samples.make(params, "small", RESULTS, missing=MISSING)
    return params


def right(run: str) -> int:
    found = Predictions.load(RESULTS / "runs" / run / "predictions.npz")
    return int((found.predicted == found.label).sum())


def test_a_study_shows_a_row_a_recipe_with_its_mean_and_interval(params: Params) -> None:
    found = json.loads(show(params, "small").as_json())
    assert [row["recipe"] for row in found["rows"]] == [
        "adamw", "dualopt", "dualopt", "adamw", "dualopt", "posttrain"
    ]  # fmt: skip
    [row] = [x for x in found["rows"] if (x["model"], x["recipe"]) == ("ResNet-18", "adamw")]
    answers = right(RUN) + right(RUN.replace("s0", "s1"))
    assert row["top-1, %"] == f"{100 * answers / 720:.2f}"
    assert row["n"] == "2"
    low, high = map(float, row["95 % interval"].strip("[]").split(", "))
    assert low < 100 * answers / 720 < high


def test_what_was_not_run_has_a_word_in_place_of_a_number(params: Params) -> None:
    [row] = [x for x in json.loads(show(params, "small").as_json())["rows"] if x["n"] != "2"]
    assert (row["data"], row["n"], row["95 % interval"]) == ("cifar10", "0 of 3", "-")
    assert "not run" in row["top-1, %"]


def test_a_study_begins_with_what_its_report_begins_with(params: Params) -> None:
    assert "No report is there" in show(params, "small").below[0]
    REPORT.parent.mkdir(parents=True)
    REPORT.touch()
    REPORT.with_name("report.md").write_text(
        "# A study\n\n1. It is better.\n\n## Table\n\n2. No.\n"
    )
    found = show(params, "small")
    assert found.sentences == ("1. It is better.",)
    assert found.below == (f"The report: {REPORT.absolute()}",)


@pytest.mark.parametrize("name", [RUN, f"results/runs/{RUN}", f"results/runs/{RUN}/metrics.json"])
def test_a_run_shows_its_top1_with_the_interval_of_its_test_images(
    params: Params, name: str
) -> None:
    said = "\n".join(show(params, name).sentences)
    wilson = binomtest(right(RUN), 360).proportion_ci(method="wilson")
    ends = f"[{100 * wilson.low:.4g}, {100 * wilson.high:.4g}]"
    assert f"{100 * right(RUN) / 360:.4g} % {ends} over test images alone" in said
    assert "ResNet-18, variant base, on digits" in said
    assert "predictions.npz (SHA-256 " in said


def test_a_run_that_was_altered_is_not_shown(params: Params) -> None:
    with (RESULTS / "runs" / RUN / "history.csv").open("a") as file:
        file.write("\n")
    with pytest.raises(AlteredError, match=r"history\.csv: altered"):
        show(params, RUN)


def test_without_a_name_each_study_says_how_much_of_it_there_is(params: Params) -> None:
    [row] = json.loads(show(params, None).as_json())["rows"]
    runs = len(params.runs("small"))
    assert row == {
        "study": "small",
        "title": "A study of <small> things",
        "runs made": f"{runs - 3} of {runs}",
        "report": "-",
    }


def test_an_unknown_name_is_answered_with_the_studies(params: Params) -> None:
    with pytest.raises(UserError, match=r"'tiny' is neither a study .*\n  studies: small, all"):
        show(params, "tiny")


def test_a_pipe_gets_whole_lines_without_colours(
    params: Params, capsys: pytest.CaptureFixture[str]
) -> None:
    show(params, "small").print()
    lines = capsys.readouterr().out.splitlines()
    assert "\x1b" not in "".join(lines)
    assert sum("dualopt" in line for line in lines) == 3
    assert any(line.startswith("data ") and line.rstrip().endswith("M, thop") for line in lines)


def test_the_report_is_opened_where_it_is(params: Params, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(webbrowser, "open", lambda uri: asked.append(uri) or True)
    with pytest.raises(UserError, match=r"not there; make it: snakemake .* small"):
        open_report(params, None, results=RESULTS)
    REPORT.parent.mkdir(parents=True)
    REPORT.touch()
    assert open_report(params, None, results=RESULTS) == f"The report: {REPORT.absolute()}\n"
    assert asked == [REPORT.absolute().as_uri()]


def test_where_no_browser_is_the_place_is_said(
    params: Params, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webbrowser, "open", lambda uri: False)
    REPORT.parent.mkdir(parents=True)
    REPORT.touch()
    assert "no browser was found" in open_report(params, "small", results=RESULTS)
