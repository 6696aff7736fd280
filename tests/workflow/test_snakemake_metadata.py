"""Snakemake's knowledge of how files were made goes with the files to another checkout."""

import json
import os
import shutil
from pathlib import Path

import pytest
from snakemake.persistence import MetadataRecord
from snakemake.persistence.file import FilePersistence

from workflow import snakemake_metadata
from workflow.snakemake_metadata import NAME, PRIVATE, SEEN

ROOTS = (Path("results/runs"), Path("data/raw"))
RUN = Path("results/runs/cnv/s0")
PRIVATE_HERE = {
    "incomplete": False, "job_hash": 7, "starttime": 3.5, "endtime": 4.5, "external_jobid": "9",
}  # fmt: skip


def record(rule: str) -> MetadataRecord:
    """Return what Snakemake knows of a file; ``shellcmd`` is unknown."""
    return MetadataRecord(
        rule=rule, input=["data/raw/digits"], params=["spec", 3], code="def", log=["a.log"],
        record_format_version=6, input_checksums={"data/raw/digits": "0f"}, **PRIVATE_HERE,
    )  # fmt: skip


def known(path: Path) -> MetadataRecord | None:
    return FilePersistence(nolock=True)._read_record(str(path))


def checkout(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.mkdir(exist_ok=True)
    monkeypatch.chdir(folder)


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout that made a file and a folder, and has a file whose making is unknown."""
    checkout(tmp_path / "here", monkeypatch)
    for path in (RUN / "metrics.json", RUN / "notes.txt", Path("data/raw/digits/images.pt")):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("made")
    store = FilePersistence(nolock=True)
    store._write_record(str(RUN / "metrics.json"), record("train"))
    store._write_record("data/raw/digits", record("fetch"))
    snakemake_metadata.save(ROOTS)
    return tmp_path / "here"


def test_another_checkout_knows_what_this_one_knew(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout(tmp_path / "there", monkeypatch)
    for root in ROOTS:
        shutil.copytree(made / root, root)
    assert known(RUN / "metrics.json") is None
    snakemake_metadata.load(ROOTS)
    for path, rule in ((RUN / "metrics.json", "train"), (Path("data/raw/digits"), "fetch")):
        found = known(path)
        assert found
        expected = record(rule).model_dump(exclude=PRIVATE)
        assert found.model_dump(exclude=PRIVATE) == expected
        assert all(getattr(found, field) is None for field in PRIVATE)
    assert known(RUN / "notes.txt") is None


def test_a_shard_has_its_own_files_alone_and_nothing_that_another_making_changes(
    made: Path,
) -> None:
    shards = {path.parent: json.loads(path.read_text()) for path in made.rglob(NAME)}
    assert set(shards) == {made / RUN, made / "data/raw"}
    assert set(shards[made / RUN]) == {"metrics.json"}
    fields = shards[made / RUN]["metrics.json"]
    assert fields == {
        "rule": "train", "input": ["data/raw/digits"], "params": ["spec", 3], "code": "def",
        "log": ["a.log"], "record_format_version": 6, "input_checksums": {"data/raw/digits": "0f"},
    }  # fmt: skip
    text = (made / RUN / NAME).read_text()
    assert text == json.dumps({"metrics.json": fields}, indent=1, sort_keys=True) + "\n"


def stamps(*paths: Path) -> list[int]:
    return [path.stat().st_mtime_ns for path in paths]


def test_a_second_save_writes_no_shard_that_says_the_same(made: Path) -> None:
    shards = (made / RUN / NAME, made / "data/raw" / NAME)
    for shard in shards:
        os.utime(shard, ns=(1, 1))
    FilePersistence(nolock=True)._write_record("data/raw/digits", record("fetch_again"))
    snakemake_metadata.save(ROOTS)
    assert stamps(shards[0]) == [1] != stamps(shards[1])
    assert json.loads(shards[1].read_text())["digits"]["rule"] == "fetch_again"


def test_what_a_checkout_wrote_or_took_over_once_it_does_not_take_over_again(made: Path) -> None:
    """Else a shard that is older than a file made here since would overrule Snakemake."""
    newer = record("train_again")
    FilePersistence(nolock=True)._write_record(str(RUN / "metrics.json"), newer)
    snakemake_metadata.load(ROOTS)
    found = known(RUN / "metrics.json")
    assert found
    assert found.rule == "train_again"


def test_a_shard_that_came_from_elsewhere_since_is_taken_over_alone(made: Path) -> None:
    FilePersistence(nolock=True)._write_record("data/raw/digits", record("fetch_again"))
    shard = RUN / NAME
    shard.write_text(shard.read_text().replace("train", "train_elsewhere"))
    snakemake_metadata.load(ROOTS)
    rules = [
        found.rule for path in (RUN / "metrics.json", "data/raw/digits") if (found := known(path))
    ]
    assert rules == ["train_elsewhere", "fetch_again"]
    FilePersistence(nolock=True)._write_record(str(RUN / "metrics.json"), record("here"))
    snakemake_metadata.load(ROOTS)
    found = known(RUN / "metrics.json")
    assert found
    assert found.rule == "here"


@pytest.mark.parametrize("text", [None, "", "{"], ids=["missing", "empty", "cut off"])
def test_without_a_memory_of_what_was_read_all_is_read_again(made: Path, text: str | None) -> None:
    SEEN.unlink()
    if text is not None:
        SEEN.write_text(text)
    FilePersistence(nolock=True)._write_record("data/raw/digits", record("fetch_again"))
    snakemake_metadata.load(ROOTS)
    found = known(Path("data/raw/digits"))
    assert found
    assert found.rule == "fetch"
    assert json.loads(SEEN.read_text()).keys() == {f"{RUN}/{NAME}", f"data/raw/{NAME}"}


def test_the_memory_keeps_shards_that_are_not_here_now(made: Path) -> None:
    """Another branch has them; a switch back should find them read."""
    before = json.loads(SEEN.read_text())
    (made / RUN / NAME).unlink()
    (made / RUN / "metrics.json").unlink()
    snakemake_metadata.save((Path("data/raw"),))
    assert json.loads(SEEN.read_text()) == before


def test_the_sources_of_a_table_are_the_records_of_its_cells(tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text(
        "model,value,sources\n"
        "cnv,1.5,results/runs/a/metrics.json#0f results/runs/b/metrics.json#1e\n"
        "cpv,,\n"
        "cpv,2,results/profiles/c/profile.json#2d\n"
    )
    assert snakemake_metadata.sources(table) == {
        "results/runs/a/metrics.json",
        "results/runs/b/metrics.json",
        "results/profiles/c/profile.json",
    }


def test_what_is_no_table_any_more_names_no_sources(tmp_path: Path) -> None:
    """As a spreadsheet's program writes it, or a disk that fails."""
    table = tmp_path / "table.csv"
    assert snakemake_metadata.sources(table) == set()
    for damaged in (
        b"model;value;sources\ncnv;1.5;results/runs/a/metrics.json\n",
        b"\xff\x00\n\xff",
    ):
        table.write_bytes(damaged)
        assert snakemake_metadata.sources(table) == set()
