"""Each thing that was noticed about own photos is one sentence, with the manifest's numbers."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import samples
from fetching import fetched
from look_up import find_runs
from odd_photos import folder, frames, own, plain

from cxv.data.manifest import Manifest
from cxv.records.run import RunRecord
from cxv.report.sections.photo_facts import OwnPhotos, PhotoFact, photo_facts

BOTH = ("train/", "test/")
WHERE = Path("data/raw/own/manifest.json")


def manifest(root: Path, **settings: Any) -> Manifest:
    (root / "out").mkdir()
    return Manifest.load(fetched(root / "out", own(root / "own", **settings))[1])


def facts(found: Manifest) -> tuple[PhotoFact, ...]:
    return photo_facts(OwnPhotos(WHERE, found), [])


def only(found: tuple[PhotoFact, ...]) -> PhotoFact:
    [fact] = found
    return fact


def test_of_photos_without_anything_odd_nothing_is_said(tmp_path: Path) -> None:
    folder(tmp_path / "own", *BOTH)
    assert facts(manifest(tmp_path)) == ()


def test_photos_that_test_and_train_are_counted_and_what_they_add_to_top1(tmp_path: Path) -> None:
    folder(
        tmp_path / "own",
        *BOTH,
        count=5,
        **{"test/cat/x.png": plain(1), "test/dog/y.png": plain(101)},
    )
    fact = only(facts(manifest(tmp_path)))
    assert fact.warns
    assert fact.says == (
        "2 test photos of 12 are in the training photos too, with the same pixels: test top-1 is"
        " too high by what they give, at most 16.67 points."  # 2 of 12
    )
    assert fact.about == "2 pairs of photos with the same pixels"
    assert fact.files == (
        "train/cat/1.png = test/cat/x.png", "train/dog/1.png = test/dog/y.png"
    )  # fmt: skip


def test_one_photo_is_not_several(tmp_path: Path) -> None:
    folder(tmp_path / "own", *BOTH, **{"test/cat/x.png": plain(1)})
    says = only(facts(manifest(tmp_path))).says
    assert says.startswith("1 test photo of 5 is in the training photos too")
    assert says.endswith("by what it gives, at most 20.00 points.")


def test_photos_in_two_classes_are_counted_and_pairs_are_shown_once(tmp_path: Path) -> None:
    folder(tmp_path / "own", *BOTH, **{"train/dog/x.png": plain(1), "test/dog/y.png": plain(1)})
    both, two = facts(manifest(tmp_path))
    assert both.says.startswith("1 test photo of 5 is in the training photos too")
    assert two.says == (
        "3 photos have the pixels of a photo of another class: no network can be right about both."
    )
    assert both.files == ()
    assert two.files == (
        "train/cat/1.png = train/dog/x.png", "train/cat/1.png = test/dog/y.png",
        "train/dog/x.png = test/dog/y.png",
    )  # fmt: skip


def test_of_many_pairs_the_first_twenty_are_shown(tmp_path: Path) -> None:
    same = {f"train/dog/x{number}.png": plain(1) for number in range(30)}
    folder(tmp_path / "own", *BOTH, **same)
    fact = only(facts(manifest(tmp_path)))
    assert len(fact.files) == 20
    assert fact.about == "20 of the pairs of photos with the same pixels"


@pytest.mark.parametrize(("bad", "more"), [(20, ""), (33, f"and 13 more, see {WHERE}")])
def test_files_that_were_left_out_are_named_up_to_twenty(
    bad: int, more: str, tmp_path: Path
) -> None:
    files = {f"train/cat/bad{number:02}.png": b"" for number in range(bad)}
    folder(tmp_path / "own", *BOTH, **files)
    fact = only(facts(manifest(tmp_path, skip_unreadable=True)))
    assert fact.says == (
        f"{bad} files are left out, as skip_unreadable: true asks: they cannot be read."
    )
    assert fact.files == tuple(f"train/cat/bad{number:02}.png: is empty" for number in range(20))
    assert (fact.more, fact.warns) == (more, False)


@pytest.mark.parametrize(
    ("resize", "said"),
    [
        ("squash", "both sides of those that are not square were brought to that length"),
        ("crop", "of those that are not square, the middle was kept"),
        ("pad", "those that are not square got a margin in white"),
    ],
)
def test_how_photos_were_resized_is_said(resize: str, said: str, tmp_path: Path) -> None:
    folder(tmp_path / "own", *BOTH)
    assert facts(manifest(tmp_path, image_size=4, resize=resize)) == (
        PhotoFact(f"All photos were resized to 4 x 4 pixels; {said} (resize: {resize})."),
    )


def test_a_split_that_was_made_is_said_with_its_sizes(tmp_path: Path) -> None:
    folder(tmp_path / "own", count=8)
    assert only(facts(manifest(tmp_path, split=0.25))).says == (
        "The folder has no part of its own for tests. split: 0.25 took 4 of 16 photos for them,"
        " class by class, by seed 0 and the contents of the files; the other 12 train."
    )


def test_first_frames_are_counted(tmp_path: Path) -> None:
    folder(tmp_path / "own", *BOTH, **{"train/cat/x.gif": frames("GIF")})
    assert only(facts(manifest(tmp_path))).says == (
        "Of 1 file that has several frames, the first was read."
    )


def test_photos_without_a_manifest_are_unknown_not_sound() -> None:
    fact = only(photo_facts(OwnPhotos(WHERE, None), []))
    assert fact.warns
    assert fact.says.endswith(f"is not known: {WHERE} is not there.")


def test_runs_on_other_photos_than_those_described_are_counted(tmp_path: Path) -> None:
    """Of two runs with a record one is on these photos; a third one has none."""
    folder(tmp_path / "own", *BOTH)
    found = manifest(tmp_path)
    params = samples.grid(tmp_path)
    one, two, *_ = params.runs("small").values()
    for run in (one, two):
        samples.save_run(tmp_path / "runs", run)
    runs = find_runs(params, "small", tmp_path / "runs")
    record = runs[one.id].record
    assert isinstance(record, RunRecord)
    same = record.model_copy(update={"data_sha256": found.sha256})
    runs = {**runs, one.id: replace(runs[one.id], record=same)}
    fact = only(photo_facts(OwnPhotos(WHERE, found), runs.values()))
    assert fact.warns
    assert fact.says.startswith("1 of 2 runs were trained on other photos than those")
    assert photo_facts(OwnPhotos(WHERE, found), [runs[one.id]]) == ()
