"""What was noticed about own photos when they were fetched, for who is to trust a number."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cxv.data.manifest import Manifest, Photos
from cxv.data.photo_sets import SHOWN
from cxv.records.run import RunRecord
from cxv.results.accuracies import PERCENT
from cxv.results.lookup import RunLookup

LISTED = 20
"""Files that were left out and are named at most."""

RESIZED = {
    "squash": "both sides of those that are not square were brought to that length",
    "crop": "of those that are not square, the middle was kept",
    "pad": "those that are not square got a margin",
}


@dataclass(frozen=True, slots=True)
class OwnPhotos:
    """The manifest of a dataset of own photos."""

    path: Path
    manifest: Manifest | None  # None: it is not there


@dataclass(frozen=True, slots=True)
class PhotoFact:
    """One sentence, and the files that it is about."""

    says: str
    warns: bool = False  # a number of the table is not what it seems
    about: str = ""  # what the files are
    files: tuple[str, ...] = ()
    more: str = ""  # how many others there are, and where


def photo_facts(own: OwnPhotos, runs: Iterable[RunLookup]) -> tuple[PhotoFact, ...]:
    """Return what a reader has to know of own photos; what makes a number wrong is first.

    Args:
        own: their manifest.
        runs: trained on them.
    """
    manifest, where = own.manifest, own.path.as_posix()
    if manifest is None or manifest.photos is None:
        lacking = "is not there" if manifest is None else "says nothing of them"
        unknown = f"What was noticed about these photos is not known: {where} {lacking}."
        return (PhotoFact(unknown, warns=True),)
    return (
        *_of_other_photos(manifest, runs, where),
        *_alike(manifest.photos, sum(manifest.test_images)),
        *_skipped(manifest.photos, where),
        *_read(manifest, manifest.photos),
    )


def _of_other_photos(
    manifest: Manifest, runs: Iterable[RunLookup], where: str
) -> Iterator[PhotoFact]:
    """Yield how many runs were trained on photos that the manifest does not describe."""
    records = [run.record for run in runs if isinstance(run.record, RunRecord)]
    other = sum(record.data_sha256 != manifest.sha256 for record in records)
    if other:
        yield PhotoFact(
            f"{other} of {len(records)} runs were trained on other photos than those that"
            f" {where} describes.",
            warns=True,
        )


def _alike(photos: Photos, tests: int) -> Iterator[PhotoFact]:
    """Yield which photos are in both parts, or in two classes, and the pairs after the last."""
    pairs = photos.same_pixels
    some = f"{SHOWN} of the" if len(pairs) >= SHOWN else f"{len(pairs)}"
    named = f"{some} pair{'s' if len(pairs) > 1 else ''} of photos with the same pixels"
    said = []
    if both := photos.in_train_and_test:
        said.append(
            f"{_photos(both, 'test photo')} of {tests:,} {_are(both)} in the training photos too,"
            " with the same pixels: test top-1 is too high by what"
            f" {'they give' if both > 1 else 'it gives'}, at most"
            f" {PERCENT * both / tests:.2f} points."
        )
    if two := photos.in_two_classes:
        said.append(
            f"{_photos(two, 'photo')} {'have' if two > 1 else 'has'} the pixels of a photo of"
            " another class: no network can be right about both."
        )
    for sentence in said:
        last = sentence is said[-1] and pairs
        yield PhotoFact(
            sentence,
            warns=True,
            about=named if last else "",
            files=pairs if last else (),
        )


def _skipped(photos: Photos, where: str) -> Iterator[PhotoFact]:
    count = len(photos.skipped)
    if count:
        yield PhotoFact(
            f"{_photos(count, 'file')} {_are(count)} left out, as skip_unreadable: true asks:"
            f" {'they' if count > 1 else 'it'} cannot be read.",
            about="The files that were left out",
            files=photos.skipped[:LISTED],
            more=f"and {count - LISTED:,} more, see {where}" if count > LISTED else "",
        )


def _read(manifest: Manifest, photos: Photos) -> Iterator[PhotoFact]:
    """Yield how the photos were divided, resized and read."""
    train, test = sum(manifest.train_images), sum(manifest.test_images)
    _, height, width = manifest.shape
    if photos.split_seed is not None:
        yield PhotoFact(
            f"The folder has no part of its own for tests. split: {manifest.dataset.split:g}"
            f" took {test:,} of {train + test:,} photos for them, class by class, by seed"
            f" {photos.split_seed} and the contents of the files; the other {train:,} train."
        )
    if photos.resize:
        margin = f" in {photos.background}" if photos.resize == "pad" else ""
        yield PhotoFact(
            f"All photos were resized to {width} x {height} pixels;"
            f" {RESIZED[photos.resize]}{margin} (resize: {photos.resize})."
        )
    if photos.first_frames:
        several = photos.first_frames > 1
        yield PhotoFact(
            f"Of {_photos(photos.first_frames, 'file')} that"
            f" {'have' if several else 'has'} several frames, the first was read."
        )


def _photos(count: int, kind: str) -> str:
    return f"{count:,} {kind}{'s' if count > 1 else ''}"


def _are(count: int) -> str:
    return "are" if count > 1 else "is"
