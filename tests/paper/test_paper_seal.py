"""Nobody moves a printed number or a tolerance by accident, or without git saying so."""

from pathlib import Path

import pytest
from paper_folders import copied
from shared_fixtures import ROOT

from cxv.__main__ import main
from cxv.paper.description import load_description
from cxv.paper.load_claims import load_paper
from cxv.paper.paper_seal import DATA, seal_paper
from cxv.paper.strict_file import PaperError
from cxv.records.sealed_folder import NAME, alterations

PAPERS = [ROOT / "data/paper", ROOT / "examples/compact_transformers/data/paper"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = copied(tmp_path / "paper")
    seal_paper(found)
    return found


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.parts[-3])
def test_each_shipped_paper_is_as_it_was_sealed(paper: Path) -> None:
    """Else type: python -m cxv seal FOLDER."""
    assert (paper / NAME).exists()
    assert list(alterations(paper)) == []


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [("table1.csv", "47.29", "47.92"), ("tolerances.yaml", "image_error: 0.2", "image_error: 0.9")],
    ids=["a printed top-1", "a tolerance"],
)
def test_a_forged_file_is_refused_by_name_until_it_is_sealed(
    name: str, old: str, new: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = load_paper(folder)
    edit(folder / name, old, new)
    for load in (load_paper, load_description):
        with pytest.raises(PaperError, match="altered") as caught:
            load(folder)
        assert str(caught.value).splitlines() == [
            f"{folder / name}: altered: its SHA-256 is not the one in seal.json",
            f"Where you meant the edit, type: python -m cxv seal {folder}; else take the file back:"
            f" git checkout {folder}",
        ]
    assert main(["seal", str(folder)]) == 0
    assert name in capsys.readouterr().out
    assert load_paper(folder) != before


def test_a_forged_seal_and_a_lost_file_are_refused(folder: Path) -> None:
    edit(folder / NAME, "table1.csv", "table9.csv")
    with pytest.raises(PaperError, match=f"{NAME}: altered: its values are not those"):
        load_paper(folder)
    seal_paper(folder)
    (folder / "claims.yaml").unlink()
    with pytest.raises(PaperError, match=r"claims\.yaml: missing"):
        load_paper(folder)


def test_prose_may_be_edited_and_a_folder_need_not_be_sealed(folder: Path, tmp_path: Path) -> None:
    (folder / "README.md").write_text("D1 ...")
    load_paper(folder)
    (folder / NAME).unlink()
    edit(folder / "table1.csv", "47.29", "47.92")
    assert load_paper(folder).printed.cells["table1.cpv.tiny_imagenet"].digits == "47.92"
    with pytest.raises(PaperError, match=r"no folder of a paper: it has no paper\.yaml"):
        seal_paper(tmp_path)


def test_the_seal_names_all_that_is_read(folder: Path) -> None:
    names = {path.name for path in seal_paper(folder)}
    assert names == {p.name for p in folder.iterdir()} - {NAME, "README.md"}
    assert {Path(name).suffix for name in names} == {Path(pattern).suffix for pattern in DATA}
