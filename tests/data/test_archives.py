"""Archives are read whole and safely or refused by name; downloads resume and are verified."""

import gzip
import hashlib
import io
import logging
import lzma
import re
import stat
import tarfile
import threading
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from cxv.data.archives import FORMATS, DataError, content_md5, members
from cxv.data.downloads import Archive, download, locate

FILES = {"toy/a": b"first" * 1000, "toy/deep/b": b"second"}


def tar(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def zipped(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def packed(path: Path, files: Mapping[str, bytes] = FILES) -> Path:
    """Write ``files`` in the format that the name of ``path`` asks for."""
    inner = zipped(files) if ".zip" in path.name else tar(files)
    if path.name.endswith(".xz"):
        inner = lzma.compress(inner)
    elif path.name.endswith("gz"):
        inner = gzip.compress(inner)
    path.write_bytes(inner)
    return path


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_format_gives_the_same_members(tmp_path: Path, suffix: str) -> None:
    assert dict(members(packed(tmp_path / f"toy{suffix}"))) == FILES


def test_the_md5_of_a_zip_is_the_same_inside_xz(tmp_path: Path) -> None:
    plain, wrapped = packed(tmp_path / "toy.zip"), packed(tmp_path / "toy.zip.xz")
    assert content_md5(wrapped) == content_md5(plain) == hashlib.md5(plain.read_bytes()).hexdigest()  # noqa: S324


@pytest.mark.parametrize("suffix", [".tar.gz", ".tar.xz", ".zip", ".zip.xz"])
@pytest.mark.parametrize("kept", [0.5, 0.99])
def test_a_truncated_archive_is_named(tmp_path: Path, suffix: str, kept: float) -> None:
    path = packed(tmp_path / f"toy{suffix}")
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * kept)])
    with pytest.raises(DataError, match=f"{path}: broken archive: "):
        list(members(path))


@pytest.mark.parametrize("suffix", [".tar.gz", ".tar.xz", ".zip", ".zip.xz"])
def test_an_altered_byte_is_noticed_by_the_checksum_inside(tmp_path: Path, suffix: str) -> None:
    path = packed(tmp_path / f"toy{suffix}")
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") - 20 if suffix == ".zip" else -20] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(DataError, match=f"{path}: broken archive: "):
        list(members(path))


def test_a_zip_that_is_no_zip_is_named(tmp_path: Path) -> None:
    path = tmp_path / "toy.zip"
    path.write_bytes(b"<html>404</html>" * 100)
    with pytest.raises(DataError, match=f"{path}: broken archive: File is not a zip file"):
        list(members(path))


def test_an_unknown_format_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"toy.rar: unknown kind of archive; known: .tar.gz, .tgz"):
        list(members(tmp_path / "toy.rar"))


@pytest.mark.parametrize(
    "name", ["../evil", "toy/../../evil", "/etc/evil", r"toy\..\evil", "C:evil"]
)
@pytest.mark.parametrize("suffix", [".tar.xz", ".zip"])
def test_a_member_that_leaves_the_folder_is_refused(tmp_path: Path, suffix: str, name: str) -> None:
    path = packed(tmp_path / f"toy{suffix}", {**FILES, name: b"x"})
    with pytest.raises(DataError, match=f"{path}: refused: .*evil' is a link or leaves the folder"):
        list(members(path))


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE])
def test_a_link_or_device_in_a_tar_is_refused(tmp_path: Path, kind: bytes) -> None:
    path, member = tmp_path / "toy.tar.gz", tarfile.TarInfo("toy/link")
    member.type, member.linkname = kind, "/etc/passwd"
    with tarfile.open(path, "w:gz") as archive:
        archive.addfile(member)
    with pytest.raises(DataError, match="refused: 'toy/link' is a link"):
        list(members(path))


def test_a_link_in_a_zip_is_refused(tmp_path: Path) -> None:
    path, member = tmp_path / "toy.zip", zipfile.ZipInfo("toy/link")
    member.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(member, "/etc/passwd")
    with pytest.raises(DataError, match="refused: 'toy/link' is a link"):
        list(members(path))


def test_a_file_of_a_zip_with_its_mode_of_unix_is_a_file(tmp_path: Path) -> None:
    path, member = tmp_path / "toy.zip", zipfile.ZipInfo("toy/file")
    member.external_attr = (stat.S_IFREG | 0o644) << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(member, b"content")
    assert list(members(path)) == [("toy/file", b"content")]


def test_the_checksum_of_a_broken_archive_names_it(tmp_path: Path) -> None:
    path = tmp_path / "toy.zip.xz"
    path.write_bytes(b"no xz")
    with pytest.raises(DataError, match=f"{path}: broken archive: "):
        content_md5(path)


CONTENT = bytes(range(256)) * (1 << 13)  # 2 MiB
TOY = Archive(
    stem="toy",
    suffix=".tar.gz",
    md5=hashlib.md5(CONTENT).hexdigest(),  # noqa: S324
    size_bytes=len(CONTENT),
    urls=(),
)


class Host(BaseHTTPRequestHandler):
    """Serve CONTENT with ranges: /whole; /half breaks off; /page is short; /altered has a fault."""

    def __init__(self, ranges: list[str], *args: object) -> None:
        self.ranges = ranges
        super().__init__(*args)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        self.ranges.append(self.headers["Range"])
        start = int(self.headers["Range"].removeprefix("bytes=").removesuffix("-"))
        content = {"/page": b"<html>", "/altered": b"x" + CONTENT[1:]}.get(self.path, CONTENT)
        if self.path == "/ranges-ignored":
            start = 0
        self.send_response(404 if self.path == "/gone" else 206 if start else 200)
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        stop = len(content) // 2 if self.path == "/half" else None
        self.wfile.write(content[start:stop])

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def ranges() -> list[str]:
    return []


@pytest.fixture
def host(ranges: list[str]) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Host, ranges)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_an_interrupted_download_resumes_where_it_broke_off(
    tmp_path: Path, host: str, ranges: list[str]
) -> None:
    with pytest.raises(DataError, match=r"toy.tar.gz: could not be downloaded: http.*/half: "):
        download(replace(TOY, urls=(f"{host}/half",)), tmp_path)
    assert not (tmp_path / "toy.tar.gz").exists()
    assert (tmp_path / "toy.tar.gz.part").stat().st_size == len(CONTENT) // 2
    path = download(replace(TOY, urls=(f"{host}/whole",)), tmp_path)
    assert path.read_bytes() == CONTENT
    assert ranges == ["bytes=0-", f"bytes={len(CONTENT) // 2}-"]
    assert not (tmp_path / "toy.tar.gz.part").exists()


def test_a_server_without_ranges_starts_the_download_anew(tmp_path: Path, host: str) -> None:
    (tmp_path / "toy.tar.gz.part").write_bytes(b"stale")
    path = download(replace(TOY, urls=(f"{host}/ranges-ignored",)), tmp_path)
    assert path.read_bytes() == CONTENT


def test_the_next_url_is_tried_and_an_error_page_spoils_nothing(
    tmp_path: Path, host: str, ranges: list[str]
) -> None:
    urls = tuple(f"{host}/{page}" for page in ("half", "gone", "page", "whole"))
    assert download(replace(TOY, urls=urls), tmp_path).read_bytes() == CONTENT
    assert ranges == ["bytes=0-"] + 3 * [f"bytes={len(CONTENT) // 2}-"]


def test_altered_bytes_are_thrown_away(tmp_path: Path, host: str) -> None:
    with pytest.raises(DataError, match=f"its MD5 is [0-9a-f]+, the official one {TOY.md5}"):
        download(replace(TOY, urls=(f"{host}/altered",)), tmp_path)
    assert [path.name for path in tmp_path.iterdir() if not path.name.endswith(".lock")] == []


def test_what_is_there_is_not_downloaded_again_but_checked(tmp_path: Path) -> None:
    (tmp_path / "toy.tar.gz").write_bytes(CONTENT)
    assert download(TOY, tmp_path) == tmp_path / "toy.tar.gz"  # TOY has no URL
    (tmp_path / "toy.tar.gz").write_bytes(CONTENT[1:])
    with pytest.raises(DataError, match=r"toy.tar.gz: altered: MD5 .*; delete it"):
        download(TOY, tmp_path)


def test_a_log_tells_every_tenth(
    tmp_path: Path, host: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "cxv.data.downloads"):
        download(replace(TOY, urls=(f"{host}/whole",)), tmp_path)
    shown = re.findall(r"toy.tar.gz: (\d+) % of 2097152 bytes", caplog.text)
    assert [int(percent) // 10 for percent in shown] == list(range(1, 11))


def test_a_mirror_gives_the_whole_archive_then_its_parts(tmp_path: Path) -> None:
    for name in ("toy-small.zip", "toy-sub.tgz", "toy.zip.xz"):
        packed(tmp_path / name)
        assert locate(TOY, mirror=tmp_path, downloads=tmp_path).name == name
        assert TOY.is_whole(tmp_path / name) == (name == "toy.zip.xz")


def test_a_mirror_without_the_archive_is_reported_with_the_names_tried(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=f"{tmp_path}: no archive of toy; looked for toy.tar.gz, "):
        locate(TOY, mirror=tmp_path, downloads=tmp_path)
