"""Files that are damaged, edited or oddly named, drawn by hypothesis, and what becomes of them."""

import contextlib
import io
import json
import os
import shutil
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import small_archives
import yaml
from hypothesis import strategies as st
from odd_photos import own, plain, put
from paper_folders import copied
from photo_kinds import CONTENTS
from random_values import SEEDS, Draw, around, damage, damaged, edited
from shared_fixtures import ROOT

from cxv.config import yaml_file
from cxv.config.spec import Dataset
from cxv.data.archives import DataError
from cxv.data.photo_pixels import read_photo
from cxv.data.sources import read
from cxv.errors import UserError
from cxv.paper.description import load_description
from cxv.paper.load_claims import load_paper

COMPACT = ROOT / "examples/compact_transformers/data/paper"


def refused(error: UserError, name: str) -> str:
    """Hold what is said to a user: it names the file, and every terminal can print it."""
    assert name in str(error), error
    assert str(error).encode()
    assert all(x.isprintable() or x == "\n" for x in str(error)), error
    return "refused"


@st.composite
def photo(draw: Draw) -> tuple[bytes, int | None, str]:
    """Return a damaged photo of any kind, and how it is to be read."""
    content = draw(damaged(draw(st.sampled_from([*CONTENTS.values()]))))
    return content, draw(st.sampled_from((None, 8))), draw(st.sampled_from(RESIZES))


RESIZES = ("squash", "crop", "pad")


def read_or_refused(case: tuple[bytes, int | None, Any], _: Path) -> str:
    """Tell whether a photo is read, as three planes of 8 bits, or refused in a line."""
    content, side, resize = case
    try:
        pixels, frames = read_photo(content, side, resize)
    except DataError as error:
        return refused(error, "")
    assert pixels.dtype == np.uint8
    assert pixels.ndim == 3
    assert len(pixels) == 3
    assert side is None or pixels.shape[1:] == (side, side)
    assert frames > 0
    return "read"


NAMES = st.one_of(
    st.text(min_size=1, max_size=8).map(lambda name: name.replace("/", "").replace("\0", "")),
    st.binary(min_size=1, max_size=8).map(
        lambda name: os.fsdecode(name.replace(b"/", b"").replace(b"\0", b""))
    ),
    st.sampled_from(
        ("Thumbs.db", "__MACOSX", ".ipynb_checkpoints", "train", "val", "test", "a\nb")
    ),
).filter(lambda name: name not in {"", ".", ".."} and len(os.fsencode(name)) < 255)


@st.composite
def photo_folder(draw: Draw) -> tuple[list[tuple[str, ...]], list[int], dict[str, Any]]:
    """Return the paths of some files, which of a few contents each has, and settings."""
    tops = draw(
        st.sampled_from((("",), ("train", "test"), ("train", "val"), ("Train", "validation")))
    )
    classes = draw(
        st.lists(st.one_of(st.sampled_from(("cat", "dog")), NAMES), min_size=1, max_size=3)
    )
    paths = [
        (top, name, f"{number}.png") for top in tops for name in classes for number in range(2)
    ]
    for _ in range(draw(st.integers(0, 2))):
        deeper = draw(st.lists(NAMES, min_size=1, max_size=3))
        paths.append((draw(st.sampled_from(tops)), *deeper))
    kinds = [draw(st.integers(0, 50)) for _ in paths]
    options = {
        "image_size": draw(st.sampled_from((None, 8))),
        "skip_unreadable": draw(st.booleans()),
        "split": draw(st.sampled_from((None, 0.5))) if tops == ("",) else None,
    }
    return paths, kinds, {key: value for key, value in options.items() if value}


def read_folder(case: tuple[Any, Any, Any], folder: Path) -> str:
    """Tell whether a folder of photos is a dataset, or refused by its path."""
    paths, kinds, options = case
    root = folder / "own"
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir()
    for number, (parts, kind) in enumerate(zip(paths, kinds, strict=True)):
        path = root.joinpath(*parts)
        with contextlib.suppress(OSError):  # a file where a folder should be
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.is_symlink() or path.exists():
                continue
            match kind:
                case 0:
                    path.symlink_to("nowhere")
                case 1:
                    os.mkfifo(path)
                case 2:
                    path.write_bytes(b"text")
                case _:
                    path.write_bytes(plain(20 * number, (8 + (kind == 3), 8)))
    try:
        source = read(own(root, **options), mirror=None, downloads=folder)
    except DataError as error:
        return refused(error, str(root))
    json.dumps(source.classes).encode()
    return "read"


class Archives:
    """Whole archives of a few images; a case is the name of one, and how it is damaged."""

    def __init__(self, folder: Path) -> None:
        small_archives.write_all(folder)
        self.contents = {path.name: path.read_bytes() for path in sorted(folder.iterdir())}

    def case(self) -> st.SearchStrategy[tuple[str, bool, int]]:
        """Return a strategy of an archive, whether it is damaged inside, and a seed."""
        return st.tuples(st.sampled_from([*self.contents]), st.booleans(), SEEDS)

    def outcome(self, case: tuple[str, bool, int], folder: Path) -> str:
        """Tell whether an archive is read, or refused by its name."""
        name, inside, seed = case
        mirror = folder / "mirror"
        shutil.rmtree(mirror, ignore_errors=True)
        change = damaged_inside if inside else damage
        put(mirror, {name: change(self.contents[name], Random(seed))})
        source: Any = next(value for key, value in SOURCES.items() if name.startswith(key))
        try:
            read(Dataset(name="images", source=source), mirror=mirror, downloads=folder)
        except DataError as error:
            return refused(error, name.partition(".")[0])
        return "read"


SOURCES: Mapping[str, str] = {
    "cifar-100": "cifar100",
    "cifar-10": "cifar10",
    "tiny": "tiny_imagenet",
}


def damaged_inside(content: bytes, draws: Random) -> bytes:
    """Return an archive that is sound but for one member."""
    is_zip = zipfile.is_zipfile(io.BytesIO(content))
    files = dict(_zipped(content) if is_zip else _tarred(content))
    small_ones = sorted(files, key=lambda one: len(files[one]))[:5]
    one = draws.choice(small_ones if draws.random() < HALF else sorted(files))
    files[one] = damage(files[one], draws)
    buffer = io.BytesIO()
    if is_zip:
        with zipfile.ZipFile(buffer, "w") as archive:
            for path, member in files.items():
                archive.writestr(path, member)
    else:
        with tarfile.open(fileobj=buffer, mode="w:gz", compresslevel=1) as tar:
            for path, member in files.items():
                about = tarfile.TarInfo(path)
                about.size = len(member)
                tar.addfile(about, io.BytesIO(member))
    return buffer.getvalue()


HALF = 0.5


def _zipped(content: bytes) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        yield from ((path, archive.read(path)) for path in archive.namelist())


def _tarred(content: bytes) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        for member in tar:
            file = tar.extractfile(member)
            if file is not None:
                yield member.name, file.read()


PAPER_FILES: Mapping[str, Any] = {
    path.name: yaml_file.read(path, UserError)[0] if path.suffix == ".yaml" else path.read_bytes()
    for path in sorted(COMPACT.iterdir())
    if path.suffix in {".yaml", ".csv"}
}


@st.composite
def paper_file(draw: Draw) -> tuple[str, bytes]:
    """Return the name of a file of a paper's folder, and a text near its own."""
    name = draw(st.sampled_from([*PAPER_FILES]))
    known = PAPER_FILES[name]
    if isinstance(known, bytes):
        return name, draw(damaged(known))
    for _ in range(draw(st.sampled_from((1, 1, 2)))):
        known = draw(edited(known))
    known = draw(around(known, 200))
    return name, yaml.safe_dump(known, allow_unicode=True).encode()


def read_paper(case: tuple[str, bytes], folder: Path) -> str:
    """Tell whether a paper's folder is read, or refused by its file."""
    name, content = case
    paper = folder / "paper"
    if not paper.exists():
        copied(paper, COMPACT)
    sound = (paper / name).read_bytes()
    (paper / name).write_bytes(content)
    try:
        load_description(paper)
        load_paper(paper)
    except UserError as error:
        return refused(error, str(paper))
    finally:
        (paper / name).write_bytes(sound)
    return "read"
