"""Every verb does what its command line says: which files, which settings, which code."""

import logging
import os
from pathlib import Path
from typing import Any

import pytest
import samples
import small_archives
from look_up import (
    every_record,
    find_counts,
    find_examples,
    find_searches,
    find_summaries,
    gather,
    study_table,
)
from papers import SHIPPED, folder_like_the_grid
from profiled import save_profile
from shared_fixtures import ROOT

from cxv.__main__ import VERBS, main
from cxv.cli.parser import parser
from cxv.config.grid import Params
from cxv.config.load import load as load_params
from cxv.config.spec import Dataset
from cxv.data import sources
from cxv.data.manifest import Manifest
from cxv.data.tensors import load
from cxv.jobs import track
from cxv.paper.claims_from_runs import judge_claims
from cxv.paper.listing import table as listing
from cxv.paper.load_claims import load_paper
from cxv.report.contents import ExtraRecords
from cxv.report.exports import metrics_json, runs_csv, table_csv
from cxv.report.rendering import render_html
from cxv.report.wording import anchor

PAPER = ROOT / "data/paper"


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Params:
    monkeypatch.chdir(tmp_path)
    return samples.grid(tmp_path)


def test_check_counts_what_studies_ask_for_or_tells_what_is_wrong(
    study: Params, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    runs, profiles = len(study.runs("small")), len(study.profiles("small"))
    assert main(["check"]) == 0
    assert capsys.readouterr().out == f"small: {runs} runs, {profiles} profiles\n"
    text = Path("params.yaml").read_text()
    Path("wrong.yaml").write_text(text.replace("edits: [gelu_after_conv]", "edits: [gelu]"))
    assert main(["check", "--params", "wrong.yaml"]) == 1
    assert "wrong.yaml" in caplog.text
    assert "no edit 'gelu'" in caplog.text
    assert capsys.readouterr().out == ""


def test_claims_are_judged_by_the_records_of_the_folders_that_are_named(
    study: Params, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = load_params(ROOT / "params.yaml")
    [run] = [x for x in whole.runs("table2").values() if x.id.startswith("cifar10/cnv/base/s0")][:1]
    samples.save_run(Path("made/runs"), run)
    save_profile(Path("made/profiles"), whole.profiles("table2")[run.profile_id])
    folders = ["--results", "made"]
    made = [Path("made", name) for name in ("runs", "profiles", "counts/networks.json")]
    records = every_record(whole, *made, paper=SHIPPED.description)
    expected = listing(SHIPPED, judge_claims(SHIPPED, records))
    settings = ["--paper", str(PAPER), "--params", str(ROOT / "params.yaml")]
    assert main(["claims", *settings, *folders]) == 0
    assert capsys.readouterr().out == expected
    assert main(["claims", *settings, "--paper", "nowhere", *folders]) == 1


def test_tracking_looks_at_the_runs_that_are_named(
    study: Params, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[Any, ...]] = []
    monkeypatch.setattr(track, "show", lambda *given: asked.append(given))
    assert main(["track", "a/b", "c/d", "--results", "made"]) == 0
    assert asked == [(study, Path("made"), Path("data/raw"), ["a/b", "c/d"])]


def test_fetch_takes_archives_from_the_mirror_that_the_environment_names(
    study: Params, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_archives.write_all(Path("mirror"))
    monkeypatch.setenv("CXV_MIRROR", "mirror")
    files = ["--images", "images.pt", "--manifest", "manifest.json", "--downloads", "downloads"]
    spec = Dataset(name="cifar10", source="cifar10").canonical()
    assert main(["fetch", spec, *files]) == 0
    assert len(load(Path("images.pt")).train) == 200
    assert sum(Manifest.load(Path("manifest.json")).train_images) == 200


@pytest.mark.parametrize("mirror", [None, ""])
def test_without_a_mirror_archives_come_from_the_network(
    study: Params, monkeypatch: pytest.MonkeyPatch, mirror: str | None
) -> None:
    monkeypatch.delenv("CXV_MIRROR", raising=False)
    if mirror is not None:
        monkeypatch.setenv("CXV_MIRROR", mirror)
    given: list[dict[str, Any]] = []
    monkeypatch.setattr(sources, "fetch", lambda _, **rest: given.append(rest))
    files = ["--images", "images.pt", "--manifest", "manifest.json"]
    assert main(["fetch", Dataset(name="digits", source="digits").canonical(), *files]) == 0
    assert given == [
        {
            "images": Path("images.pt"),
            "manifest": Path("manifest.json"),
            "downloads": Path("data/downloads"),
            "mirror": None,
        }
    ]


def test_a_table_is_written_from_the_records_of_the_folders_that_are_named(
    study: Params,
) -> None:
    made = samples.make(study, "small", Path("elsewhere"))
    folders = ["--results", "elsewhere"]
    files = ["--cells", "table.csv", "--listing", "runs.csv", "--metrics", "metrics.json"]
    spec = study.only("small").canonical()
    assert main(["table", spec, *folders, *files, "--summary", "summary"]) == 0
    expected = study_table(study, "small", made.runs, made.profiles)
    assert Path("table.csv").read_text() == table_csv(expected)
    assert Path("runs.csv").read_text() == runs_csv(expected)
    assert Path("metrics.json").read_text() == metrics_json(expected)
    named = {f"{anchor(row)}.json" for row in expected.rows}
    assert {path.name for path in Path("summary").iterdir()} == named


@pytest.mark.slow
def test_a_report_shows_all_that_the_folders_have(study: Params) -> None:
    made = samples.make(study, "small", Path("elsewhere"))
    paper = load_paper(folder_like_the_grid(Path("paper")))
    known, asked = paper.description.searches(), paper.description.counts()
    spec = study.model_copy(update={"paper": "paper"}).only("small").canonical()
    assert main(["report", spec, "--results", "elsewhere", "--out", "report"]) == 0
    assert asked
    extra = ExtraRecords(
        counts=find_counts(Path("elsewhere/counts/networks.json"), asked),
        searches=find_searches(["cnv"], known, Path("elsewhere/config_search")),
        model_summaries=find_summaries(
            study, "small", Path("elsewhere/model_summaries"), paper.description
        ),
        examples=find_examples(study, "small", Path("elsewhere/examples")),
    )
    assert extra.searches
    assert extra.model_summaries
    assert extra.examples
    contents = gather(study, "small", made.runs, made.profiles, extra, paper)
    assert Path("report/report.html").read_text() == render_html(contents)


def test_messages_go_to_standard_error_without_their_level(
    study: Params, capsys: pytest.CaptureFixture[str]
) -> None:
    root = logging.getLogger()
    handlers, root.handlers = root.handlers, []
    level = root.level
    try:
        assert main(["check"]) == 0
        logging.getLogger("cxv").info("some %s", "news")
    finally:
        root.handlers = handlers
        root.setLevel(level)
    assert capsys.readouterr().err == "some news\n"


def test_help_lists_every_verb_with_what_it_does(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parser(VERBS).parse_args(["--help"])
    said = " ".join(capsys.readouterr().out.split())
    assert said.startswith("usage: python -m cxv VERB ...")
    for heading, verbs in VERBS.items():
        listed = said.partition(f" {heading}: ")[2]
        for verb in verbs:
            first_words = " ".join(str(verb.__doc__).split()[:6])
            assert f"{verb.__name__.replace('_', '-')} {first_words}" in listed


def test_a_reader_that_is_gone_ends_a_listing_without_an_error(
    study: Params, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads, writes = os.pipe()
    os.close(reads)
    with os.fdopen(writes, "w") as out:
        monkeypatch.setattr("sys.stdout", out)
        assert main(["check"]) == 0
