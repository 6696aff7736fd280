"""What was noticed about own photos stands next to the numbers that they gave, in each form."""

import html
import re
from pathlib import Path

import pytest
import samples
from fetching import fetched
from markdown_it import MarkdownIt
from odd_photos import folder, frames, plain

from cxv.__main__ import main
from cxv.cli.stale import stale
from cxv.config.load import load
from cxv.jobs.report import manifests
from cxv.report.latex import escape as escape_latex

BOTH = ("train/", "test/")
RAW, RESULTS, STUDY = Path("data/raw"), Path("results"), Path("results/studies/small")
OWN = "{source: image_folder, path: photos, image_size: 4, resize: crop, skip_unreadable: true}"
GRID = samples.GRID.replace("{source: digits}", OWN).replace("digits", "own")
LEAK = (
    "1 test photo of 7 is in the training photos too, with the same pixels: test top-1 is too high"
    " by what it gives, at most 14.29 points."
)
FACTS = (
    LEAK,
    "22 files are left out, as skip_unreadable: true asks: they cannot be read.",
    "train/cat/<b>|3_x_.png: is empty",
    "and 2 more, see data/raw/own/manifest.json",
    "All photos were resized to 4 x 4 pixels; of those that are not square, the middle was kept"
    " (resize: crop).",
    "Of 1 file that has several frames, the first was read.",
    "train/cat/1.png = test/cat/x.png",
)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A study on own photos that are odd in most ways."""
    monkeypatch.chdir(tmp_path)
    bad = {f"train/cat/<b>|{number}_x_.png": b"" for number in range(22)}
    odd = {"test/cat/x.png": plain(1), "train/cat/*y*.gif": frames("GIF")}
    folder(tmp_path / "photos", *BOTH, count=3, **bad, **odd)
    (tmp_path / "params.yaml").write_text(GRID)
    params = load(tmp_path / "params.yaml")
    (RAW / "own").mkdir(parents=True)
    fetched(RAW / "own", params.datasets["own"])
    samples.make(params, "small", RESULTS)
    return tmp_path


def reported() -> dict[str, str]:
    """Write the report; return its forms."""
    spec = load(Path("params.yaml")).only("small").canonical()
    assert main(["report", spec, "--results", str(RESULTS), "--out", str(STUDY)]) == 0
    return {form: (STUDY / f"report.{form}").read_text() for form in ("html", "md", "tex")}


def words(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())


def section(page: str) -> str:
    """Return what stands between the heading of the photos and their table."""
    return re.split(r"<table|<thead", page.partition(">own</h2>")[2])[0]


def test_what_makes_a_number_wrong_stands_among_the_findings(project: Path) -> None:
    page = reported()["html"]
    findings = page.partition("<ol")[2].partition("</ol>")[0]
    assert f"On own: 12 of 12 runs were trained on other photos than those that {RAW}" in findings
    assert LEAK in findings
    assert 'href="#table-own"' in findings[findings.index(LEAK) :]


def test_each_form_says_it_between_the_heading_and_the_table(project: Path) -> None:
    forms = reported()
    markdown = MarkdownIt("commonmark").enable("table").render(forms["md"])
    for page in (section(forms["html"]), section(markdown)):
        for fact in FACTS:
            assert fact in words(page)
    latex = forms["tex"].partition(r"\heading{own}")[2].partition("longtable")[0]
    for fact in FACTS:
        assert escape_latex(fact) in latex
    for form in forms.values():
        assert form.count("Of 1 file that has several frames") == 1


def test_what_is_wrong_is_a_notice_and_the_files_are_folded(project: Path) -> None:
    page = section(reported()["html"])
    notice, rest = page.split("</aside>")
    assert 'class="notice"' in notice
    assert LEAK in words(notice)
    assert "skip_unreadable" in words(rest)
    assert LEAK not in words(rest)
    folded = re.findall(r"<details><summary>(.*?)</summary>\s*<ul>(.*?)</ul>", page, re.DOTALL)
    assert [(about, files.count("<li>")) for about, files in folded] == [
        ("1 pair of photos with the same pixels", 1),
        ("The files that were left out", 21),
    ]
    assert "<b>|" not in page


def test_other_datasets_are_as_they_were(project: Path) -> None:
    forms = reported()
    assert forms["html"].count('class="photos"') == 1
    for form in forms.values():
        later = form.rpartition("cifar10</h2>" if form is forms["html"] else "cifar10\n")[2]
        assert "photo" not in later.partition("table")[0]
    assert [path.as_posix() for path in manifests(load(Path("params.yaml")), RAW)] == [
        "data/raw/own/manifest.json"
    ]


def test_a_report_with_another_manifest_is_stale(project: Path) -> None:
    reported()
    path = (STUDY / "report.html").as_posix()
    params = load(Path("params.yaml"))

    def changes() -> list[str]:
        found = stale(params, ["small"], results=RESULTS, data=RAW)
        return [str(change) for one in found if one.path == path for change in one.changes]

    assert changes() == []
    (Path("photos/train/dog/odd.png")).write_bytes(b"")
    fetched(RAW / "own", params.datasets["own"])
    assert "data/raw/own/manifest.json" in "".join(changes())
    assert "23 files are left out" in reported()["md"]


def test_an_altered_manifest_is_not_believed(
    project: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = RAW / "own/manifest.json"
    altered = re.sub(r'("in_train_and_test": ?)1', r"\g<1>0", path.read_text())
    assert altered != path.read_text()
    path.write_text(altered)
    spec = load(Path("params.yaml")).only("small").canonical()
    assert main(["report", spec, "--results", str(RESULTS), "--out", str(STUDY)]) != 0
    assert "manifest.json: altered" in caplog.text
    assert not STUDY.exists()


def test_without_the_manifest_the_report_says_that_nothing_is_known(project: Path) -> None:
    (RAW / "own/manifest.json").unlink()
    for form in reported().values():
        assert "What was noticed about these photos is not known" in form
