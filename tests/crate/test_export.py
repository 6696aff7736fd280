"""A study is exported whole, the same bytes each time, and not if anything in it is altered."""

import json
import re
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path
from urllib.parse import unquote

import pytest
import yaml
from crates import checked, export, reported, whole
from manuscripts import RESULTS, written
from project import Project
from resealed import edit
from shared_fixtures import ROOT

from cxv.__main__ import main
from cxv.errors import UserError

__all__ = ["reported", "whole", "written"]

RUN = RESULTS / "runs/digits/convolutions/base/s0/adamw/sgd"


@pytest.fixture
def copied(reported: Path, tmp_path: Path) -> Iterator[Path]:
    """A copy of the project, as the working folder."""
    folder = shutil.copytree(reported, tmp_path / "project")
    with chdir(folder):
        yield folder


def graph(crate: Path) -> dict[str, dict[str, object]]:
    found = json.loads((crate / "ro-crate-metadata.json").read_text())
    return {entity["@id"]: entity for entity in found["@graph"]}


def refs(value: object) -> Iterator[str]:
    """Yield all that a value refers to."""
    if isinstance(value, dict):
        if value.keys() == {"@id"}:
            yield value["@id"]
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from refs(one)


URI = r"([A-Za-z0-9._~:/?#@!$&*+,;=-]|%[0-9A-F]{2})+"
"""Characters of RFC 3986 that no validator stumbles over: no space, quote or bracket."""


def test_everything_that_a_reader_needs_is_in_it(whole: Path) -> None:
    for name in (
        "Snakefile", "dvc.yaml", "requirements.lock", "params.yaml", "specification.json",
        "LICENSE", "CITATION.cff", "data/raw/digits/manifest.json", "cxv/__main__.py",
        "workflow/rules/train.smk", "results/studies/switch/report.html",
        *(f"{RUN}/{x}" for x in ("metrics.json", "history.csv", "predictions.npz", "answers.npz")),
    ):  # fmt: skip
        assert (whole / name).is_file(), name
    assert not list(whole.rglob("checkpoint.pt"))
    assert not list(whole.rglob("images.pt"))
    assert not list(whole.rglob("__pycache__"))


def test_the_metadata_describe_every_file_and_refer_to_nothing_else(whole: Path) -> None:
    entities = graph(whole)
    files = {path.relative_to(whole).as_posix() for path in whole.rglob("*") if path.is_file()}
    described = {unquote(id) for id, x in entities.items() if "File" in str(x["@type"])}
    assert described == files - {"ro-crate-metadata.json"}
    elsewhere = {
        "https://w3id.org/ro/crate/1.1",
        "https://snakemake.readthedocs.io",  # of the language, as rocrate has it
        "https://doi.org/10.1093/bioinformatics/bts480",
        "https://bioschemas.org/profiles/ComputationalWorkflow/1.0-RELEASE",
        "https://bioschemas.org/profiles/FormalParameter/1.0-RELEASE",
    }
    assert set(refs(list(entities.values()))) - entities.keys() == elsewhere


def test_the_metadata_say_who_made_it_under_which_licence_and_by_what(whole: Path) -> None:
    entities = graph(whole)
    root, cited = entities["./"], yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert root["license"] == {"@id": "https://spdx.org/licenses/MIT"}
    assert entities["#authors"]["name"] == cited["authors"][0]["name"]
    assert root["citation"] == {"@id": cited["preferred-citation"]["url"]}
    assert root["mainEntity"] == {"@id": "Snakefile"}
    assert "ComputationalWorkflow" in str(entities["Snakefile"]["@type"])
    assert str(entities["#images-digits"]["license"]).startswith("CC BY 4.0 (Alpaydin")
    actions = [x for x in entities.values() if x["@type"] == "CreateAction"]
    kinds = {str(x["@id"]).partition("/")[0] for x in actions}
    assert kinds == {"#train", "#profile", "#table", "#report", "#workflow-run"}
    trained = entities["#train/digits/convolutions/base/s0/adamw/sgd"]
    assert {"@id": f"{RUN.parent}/metrics.json"} in trained["object"]  # type: ignore[operator]
    assert {"@id": f"{RUN}/predictions.npz"} in trained["result"]  # type: ignore[operator]


def test_a_zip_has_the_same_bytes_each_time_and_the_weights_if_wanted(copied: Path) -> None:
    for name in ("one.zip", "two.zip"):
        said = export(Path(name), weights=True)
        assert "nothing differs" in said
    assert Path("one.zip").read_bytes() == Path("two.zip").read_bytes()
    with zipfile.ZipFile("one.zip") as file:
        file.extractall("unpacked")
    crate = Path("unpacked/switch")
    assert len(list(crate.rglob("checkpoint.pt"))) == 8
    assert checked(crate)[0] == 0
    (crate / RUN / "checkpoint.pt").write_text("other weights")
    assert f"{RUN}/checkpoint.pt" in checked(crate)[1]


def test_an_older_crate_is_replaced_and_nothing_else(copied: Path) -> None:
    export(Path("switch-crate"))
    Path("switch-crate/results/old.csv").touch()
    export(Path("switch-crate"))
    assert checked(Path("switch-crate"))[0] == 0
    with pytest.raises(UserError, match="is there and no crate"):
        export(RESULTS)
    assert RUN.exists()


def test_what_is_altered_is_not_exported(copied: Path) -> None:
    shutil.copy(RUN.parent / "predictions.npz", RUN)
    with pytest.raises(UserError, match=r"not exported: results.*predictions\.npz: altered"):
        export(Path("out"))
    assert not Path("out").exists()


def test_a_report_of_other_records_is_not_exported(copied: Path) -> None:
    path = RESULTS / "runs/digits/attention/base/s1/adamw/sgd"
    shutil.rmtree(path)
    shutil.copytree(RESULTS / "runs/digits/attention/base/s0/adamw/sgd", path)
    edit(path / "metrics.json", lambda fields: fields["spec"].update(seed=1))
    with pytest.raises(UserError, match=r"table\.csv: digits/attention/base/dualopt/top1_best"):
        export(Path("out"))


def test_a_study_that_is_not_there_or_not_made_is_said(
    copied: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert main(["export", "none"]) == 1
    assert "no study 'none' in params.yaml; there are: switch, all" in caplog.text
    shutil.rmtree(RESULTS / "studies")
    assert main(["export", "switch"]) == 1
    assert "no report to export; make it: snakemake --cores 2 switch" in caplog.text


@pytest.mark.slow
def test_a_study_that_was_trained_is_exported_with_what_its_paper_prints(
    project: Project,
) -> None:
    said = project.run("python", "-m", "cxv", "export", "demo", "--weights", "--out", "demo")
    assert "numbers of top-1: " in said
    code, said = checked(project.folder / "demo")
    assert code == 0, said
    assert (project.folder / "demo/data/paper/claims.yaml").is_file()
    entities = graph(project.folder / "demo")
    assert "#counts/the%20paper%27s%20networks" in entities
    assert [id for id in entities if not re.fullmatch(URI, id)] == []
    lists = [x for entity in entities.values() for x in entity.values() if isinstance(x, list)]
    assert [x for x in lists if len(x) < 2] == []
