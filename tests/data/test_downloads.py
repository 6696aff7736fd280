"""What is asked of a server, what is kept of an earlier download, and what a terminal shows."""

import io
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import requests
from rich.console import Console
from test_archives import CONTENT, TOY, host, ranges  # noqa: F401 - fixtures

from cxv.data import downloads
from cxv.data.archives import DataError
from cxv.data.downloads import download

PART = "toy.tar.gz.part"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, object]]:
    """What each request is given; it is made as always."""
    found: list[dict[str, object]] = []
    get = requests.get

    def noted(url: str, **settings: object) -> object:
        found.append(settings)
        return get(url, **settings)  # type: ignore[arg-type]

    monkeypatch.setattr(requests, "get", noted)
    return found


def test_a_server_is_asked_for_the_bytes_as_they_are_and_not_waited_for_for_ever(
    tmp_path: Path,
    host: str,  # noqa: F811
    asked: list[dict[str, object]],
) -> None:
    """A server that compressed the archive once more would send another length."""
    download(replace(TOY, urls=(f"{host}/whole",)), tmp_path)
    assert asked == [
        {
            "headers": {"Accept-Encoding": "identity", "Range": "bytes=0-"},
            "stream": True,
            "timeout": (10, 60),
        }
    ]


def test_a_folder_for_downloads_is_made_with_those_above_it(
    tmp_path: Path,
    host: str,  # noqa: F811
) -> None:
    path = download(replace(TOY, urls=(f"{host}/whole",)), tmp_path / "data/downloads")
    assert path.read_bytes() == CONTENT


def test_a_part_that_is_whole_is_not_asked_for(
    tmp_path: Path, asked: list[dict[str, object]]
) -> None:
    (tmp_path / PART).write_bytes(CONTENT)
    path = download(replace(TOY, urls=("http://127.0.0.1:9/none",)), tmp_path)
    assert path.read_bytes() == CONTENT
    assert asked == []


def test_a_part_that_is_too_long_is_no_beginning_of_the_archive(
    tmp_path: Path,
    host: str,  # noqa: F811
    ranges: list[str],  # noqa: F811
) -> None:
    (tmp_path / PART).write_bytes(CONTENT + b"more")
    path = download(replace(TOY, urls=(f"{host}/whole",)), tmp_path)
    assert path.read_bytes() == CONTENT
    assert ranges == ["bytes=0-"]


def test_a_copy_of_another_length_is_named_with_both(
    tmp_path: Path,
    host: str,  # noqa: F811
) -> None:
    wanted = f"/page: this copy has 6 bytes, the official one {len(CONTENT)}"
    with pytest.raises(DataError, match=wanted):
        download(replace(TOY, urls=(f"{host}/page",)), tmp_path)


@pytest.mark.parametrize("kept_bytes", [0, len(CONTENT) // 2])
def test_a_server_that_names_no_length_is_refused(
    tmp_path: Path,
    host: str,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    kept_bytes: int,
) -> None:
    get = requests.get

    def without_length(url: str, **settings: object) -> requests.Response:
        reply = get(url, **settings)  # type: ignore[arg-type]
        del reply.headers["Content-Length"]
        return reply

    monkeypatch.setattr(requests, "get", without_length)
    (tmp_path / PART).write_bytes(CONTENT[:kept_bytes])
    with pytest.raises(DataError, match=f"this copy has {kept_bytes} bytes, the official one"):
        download(replace(TOY, urls=(f"{host}/whole",)), tmp_path)


def test_a_terminal_shows_a_bar_that_begins_where_the_part_ends(
    tmp_path: Path,
    host: str,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    (tmp_path / PART).write_bytes(CONTENT[: len(CONTENT) // 2])
    screen, begun = Terminal(), []
    add_task = downloads.Progress.add_task

    def noted(bars: downloads.Progress, name: str, **settings: float) -> int:
        begun.append((name, settings, bars.console.file is screen))
        return add_task(bars, name, **settings)

    monkeypatch.setattr(downloads.Progress, "add_task", noted)
    consoles = {True: Console(file=screen, width=100)}  # by `stderr`
    monkeypatch.setattr(downloads, "Console", lambda stderr: consoles[stderr])
    monkeypatch.setattr(sys, "stderr", screen)
    download(replace(TOY, urls=(f"{host}/whole",)), tmp_path)
    settings = {"total": len(CONTENT), "completed": len(CONTENT) // 2}
    assert begun == [("toy.tar.gz", settings, True)]
    last = screen.getvalue().splitlines()[-2]  # the last line shows the cursor again
    for part in ("toy.tar.gz", "100%", "2.1/2.1 MB"):
        assert part in last
