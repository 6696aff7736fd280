"""What a paper's folder may lack, and what is refused before a job starts."""

from pathlib import Path

import pytest
from paper_folders import copied
from shared_fixtures import ROOT

from cxv.errors import UserError
from cxv.jobs.check import sound_paper
from cxv.paper.load_claims import load_paper

FOLDER = ROOT / "data/paper"
FILE, MEANS, SEARCH = "paper.yaml", "means.yaml", "search.yaml"


def changed(tmp_path: Path, *edits: tuple[str, str, str]) -> Path:
    folder = tmp_path / "paper"
    copied(folder)
    for name, old, new in edits:
        text = (folder / name).read_text()
        assert old in text
        (folder / name).write_text(text.replace(old, new, 1))
    return folder


def test_a_paper_may_be_without_claims_and_contradictions(tmp_path: Path) -> None:
    folder = changed(tmp_path)
    (folder / "claims.yaml").unlink()
    (folder / "inconsistencies.yaml").unlink()
    paper = load_paper(folder)
    assert len(paper.printed.cells) == 138
    assert (paper.claims, paper.inconsistencies) == ({}, {})


def test_a_row_that_stands_twice_is_refused(tmp_path: Path) -> None:
    row = "base,2 Layer,89.93\n"
    folder = changed(tmp_path, ("table2.csv", row, row + "base,Two,90.00\n"))
    with pytest.raises(UserError, match=r"table2\.csv:4: base stands twice"):
        load_paper(folder)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xb7", r"table2\.csv: is not UTF-8: invalid start byte at byte 0"),
        (b'"' + b"x" * 200_000, r"table2\.csv: is no CSV file: field larger than field limit"),
    ],
)
def test_a_table_that_is_no_csv_file_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    folder = changed(tmp_path)
    (folder / "table2.csv").write_bytes(content)
    with pytest.raises(UserError, match=said):
        load_paper(folder)


def test_a_key_among_names_that_are_chosen_freely_is_refused(tmp_path: Path) -> None:
    folder = changed(tmp_path, ("tolerances.yaml", "known:", "known_by:"))
    with pytest.raises(UserError, match=r"tolerances\.yaml:\d+: .*known_by: no such key here"):
        load_paper(folder)


def test_a_number_that_is_about_no_model_is_refused(tmp_path: Path) -> None:
    folder = changed(tmp_path, (FILE, "    of: {model: cnv}\n", ""))
    with pytest.raises(UserError, match=r"embed_1_conv is about no model: say it in `of`"):
        load_paper(folder)


def test_costs_of_networks_for_images_without_a_size_are_refused(tmp_path: Path) -> None:
    photos = "  cifar10: {source: image_folder, path: photos}"
    folder = changed(tmp_path, (MEANS, "  cifar10: {source: cifar10} ", photos))
    with pytest.raises(UserError, match=r"costs on cifar10: its source has no fixed size"):
        load_paper(folder)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (
            "models: [vilt]\n        columns: [params_m]",
            "models: [vilt]\n        columns: [macs_g]\n        dataset: cifar100",
            "no macs_g of cifar100/vilt/base is printed",
        ),
        (
            "        columns: [params_m]\n        fitted: [D2]",
            "        columns: [cifar10]\n        fitted: [D2]",
            "no column of counts 'cifar10'",
        ),
        (
            "      - rule: cost\n        column: predicted_peak_bytes",
            "      - rule: cost",
            "column: is missing",
        ),
        (
            "        below: 0.5",
            "        below: 0.5\n        column: macs_thop",
            "column: no such key here",
        ),
    ],
)  # fmt: skip
def test_a_test_of_what_its_rule_cannot_judge_is_refused(
    tmp_path: Path, old: str, new: str, fault: str
) -> None:
    with pytest.raises(UserError) as caught:
        load_paper(changed(tmp_path, ("claims.yaml", old, new)))
    assert fault in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("mixer.projection", "mixer.projections", "spaces.vilt.settings.mixer.projections: no set"),
        ("{width: [32, 64, 128]}", "{width: [32, 128]}", "spaces.resnet18: leaves out the network"),
    ],
)
def test_a_space_is_tried_before_a_job_starts(
    tmp_path: Path, old: str, new: str, fault: str
) -> None:
    folder = changed(tmp_path, (SEARCH, old, new))
    with pytest.raises(UserError) as caught:
        sound_paper(folder)
    assert f"{folder / SEARCH}:" in str(caught.value)
    assert fault in str(caught.value)


def test_a_search_reads_millions_and_billions(tmp_path: Path) -> None:
    folder = changed(tmp_path, (FILE, "count: modules, unit: M,", "count: modules, unit: k,"))
    with pytest.raises(UserError, match=r"search\.params: needs a column of params in M, not par"):
        load_paper(folder)
