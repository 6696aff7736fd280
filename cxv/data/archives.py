"""What is in an archive: read member by member, never unpacked to disk, never trusted."""

import errno
import gzip
import hashlib
import io
import lzma
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PureWindowsPath
from types import MappingProxyType
from typing import Literal

from cxv.errors import UserError

CHUNK_BYTES = 1 << 20
BROKEN = (
    EOFError,
    ValueError,  # of places before the beginning, and of names that are no text
    RuntimeError,  # zipfile's word for an encrypted member or an unknown compression
    gzip.BadGzipFile,
    lzma.LZMAError,
    struct.error,
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
)

Kind = Literal["file", "folder", "other"]
Reader = Callable[[io.BufferedIOBase], Iterator[tuple[str, Kind, bytes]]]


class DataError(UserError):
    """A dataset, archive or image cannot be used; the message names the file and the reason."""


def members(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the bytes of every file in an archive, in the archive's order.

    Raises:
        DataError: it is truncated, altered or of another format, or a member is no plain file
            inside the archive's own folder.
    """
    unwrap, read = _format(path)
    try:
        with unwrap(path) as file:
            for name, kind, content in read(file):
                inside = PureWindowsPath(name)  # knows both separators, and drives
                if kind == "other" or inside.anchor or ".." in inside.parts:
                    raise DataError(f"{path}: refused: {name!r} is a link or leaves the folder")
                if kind == "file":
                    yield name, content
    except BROKEN as error:
        raise DataError(f"{path}: broken archive: {error}") from error
    except OSError as error:
        if error.errno != errno.EINVAL:  # of a place before the file's beginning, as damage has it
            raise
        raise DataError(f"{path}: broken archive: {error.strerror}") from error


def content_md5(path: Path) -> str:
    """MD5 of the tar or zip itself, whatever it was compressed with around it."""
    unwrap, _ = _format(path)
    try:
        with unwrap(path) as file:
            return md5_of(file)
    except BROKEN as error:
        raise DataError(f"{path}: broken archive: {error}") from error


def md5_of(file: io.BufferedIOBase) -> str:
    """MD5 of what is left to read, in hexadecimal digits."""
    digest = hashlib.md5(usedforsecurity=False)
    while chunk := file.read(CHUNK_BYTES):
        digest.update(chunk)
    return digest.hexdigest()


def _format(path: Path) -> tuple[Callable[[Path], io.BufferedIOBase], Reader]:
    for suffix, functions in FORMATS.items():
        if path.name.endswith(suffix):
            return functions
    raise DataError(f"{path}: unknown kind of archive; known: {', '.join(FORMATS)}")


def _open_gzip(path: Path) -> io.BufferedIOBase:
    return gzip.GzipFile(path)


def _open_xz(path: Path) -> io.BufferedIOBase:
    return lzma.open(path)


def _open_zip_in_xz(path: Path) -> io.BufferedIOBase:
    with lzma.open(path) as file:
        return io.BytesIO(file.read())  # a zip is read from its end: xz cannot seek


def _open(path: Path) -> io.BufferedIOBase:
    return path.open("rb")


def _tar_members(file: io.BufferedIOBase) -> Iterator[tuple[str, Kind, bytes]]:
    with tarfile.open(fileobj=file, mode="r|") as archive:
        for member in archive:
            content = archive.extractfile(member) if member.isreg() else None
            if content is not None:
                yield member.name, "file", content.read()
            else:
                yield member.name, "folder" if member.isdir() else "other", b""
    while file.read(CHUNK_BYTES):  # the checksum of the compression comes last
        pass


def _zip_members(file: io.BufferedIOBase) -> Iterator[tuple[str, Kind, bytes]]:
    with zipfile.ZipFile(file) as archive:
        for member in archive.infolist():
            if member.is_dir():
                yield member.filename, "folder", b""
            elif stat.S_IFMT(member.external_attr >> 16) in {0, stat.S_IFREG}:
                yield member.filename, "file", archive.read(member)
            else:
                yield member.filename, "other", b""


FORMATS: Mapping[str, tuple[Callable[[Path], io.BufferedIOBase], Reader]] = MappingProxyType(
    {
        ".tar.gz": (_open_gzip, _tar_members),
        ".tgz": (_open_gzip, _tar_members),
        ".tar.xz": (_open_xz, _tar_members),
        ".zip": (_open, _zip_members),
        ".zip.xz": (_open_zip_in_xz, _zip_members),
    }
)
