"""Which study is made without a target: what study.yaml names, which DVC may rewrite."""

from pathlib import Path

import pytest
from paper_folders import copied
from shared_fixtures import ROOT

from cxv.config.load import ParamsError, load

BLOCK = b"[{datasets: [digits], models: [resnet18_lite], recipes: [adamw]}]"
STUDIES = b"studies: {one: {title: One, runs: %b}, two: {title: Two, runs: %b}}\n" % (BLOCK, BLOCK)


def chosen(folder: Path, study: bytes | None, params: bytes = b"") -> str:
    """Load the shipped settings with other studies; return the study without a target."""
    shipped = (ROOT / "params.yaml").read_bytes().partition(b"studies:")[0]
    (folder / "params.yaml").write_bytes(params + shipped + STUDIES)
    if study is not None:
        (folder / "study.yaml").write_bytes(study)
    copied(folder / "data/paper")
    return load(folder / "params.yaml").study


@pytest.mark.parametrize(
    ("study", "params", "name"),
    [(b"study: two\n", b"", "two"), (None, b"study: two\n", "two"), (None, b"", "one")],
    ids=["a file of its own", "params.yaml", "neither"],
)
def test_the_study_without_a_target_is_named_or_the_first(
    tmp_path: Path, study: bytes | None, params: bytes, name: str
) -> None:
    assert chosen(tmp_path, study, params) == name


@pytest.mark.parametrize(
    ("study", "params", "said"),
    [
        (b"study: three\n", b"", r"study\.yaml:1: study: no study 'three'"),
        (
            b"study: two\nseeds: [0]\n",
            b"",
            "study.yaml: holds one line, `study: <name of a study>`",
        ),
        (b"two\n", b"", "study.yaml: holds one line"),
        (b"", b"", "study.yaml: is empty"),
        (b"study: two\n", b"study: one\n", "study: stands in .*study.yaml as well; remove it"),
    ],
)
def test_a_study_that_is_named_wrongly_is_refused_by_its_file(
    tmp_path: Path, study: bytes, params: bytes, said: str
) -> None:
    with pytest.raises(ParamsError, match=said):
        chosen(tmp_path, study, params)
