"""The store gives out what was kept, whole, under the same identity alone, to one at a time."""

import os
import threading
from contextlib import ExitStack
from pathlib import Path

import pytest
from shelved import FILES, IDENTITY, Worker, filled, published

from cxv.records.store import CONTENTS, Store, store_near

SECOND_DISK = Path("/dev/shm")  # noqa: S108 - nothing is written there


def test_what_is_kept_is_published_as_links_to_the_same_bytes(
    finished: Store, tmp_path: Path
) -> None:
    shelf = filled(finished)
    assert shelf.holds({*FILES})
    assert published(shelf, tmp_path / "results") == FILES
    for name in FILES:
        assert (tmp_path / "results" / name).samefile(shelf.folder / name)


@pytest.mark.parametrize(
    "other",
    [{"kind": "ProfileRecord"}, {"settings": "{1}"}, {"code": "k"}, {"data_sha256": None}],
    ids=str,
)
def test_another_identity_finds_nothing(finished: Store, other: dict[str, str | None]) -> None:
    filled(finished)
    shelf = finished.shelf("a run", IDENTITY.model_copy(update=other))
    assert not shelf.holds({*FILES})


def test_files_are_kept_whatever_becomes_of_what_was_published(
    finished: Store, tmp_path: Path
) -> None:
    shelf = filled(finished)
    published(shelf, tmp_path / "results")
    for name in FILES:
        (tmp_path / "results" / name).unlink()
    assert shelf.holds({*FILES})
    assert published(shelf, tmp_path / "results") == FILES


def test_publishing_where_the_same_files_lie_leaves_nothing_else(
    finished: Store, tmp_path: Path
) -> None:
    """Renaming one link to a file over another does nothing, and leaves both."""
    shelf = filled(finished)
    published(shelf, tmp_path / "results")
    assert published(shelf, tmp_path / "results") == FILES


def test_what_stood_at_a_path_is_replaced_and_not_written_through(
    finished: Store, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    cache.write_text("of another run")
    (tmp_path / "results").mkdir()
    os.link(cache, tmp_path / "results/metrics.json")
    assert published(filled(finished), tmp_path / "results") == FILES
    assert cache.read_text() == "of another run"


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_was_edited_in_place_is_not_given_out(
    finished: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    shelf = filled(finished)
    published(shelf, tmp_path / "results")
    (tmp_path / "results" / name).write_text("better numbers")
    assert not shelf.holds({*FILES})
    assert f"{shelf.folder / name} was altered since it was kept" in caplog.text


def test_small_files_are_copied_so_that_an_edit_in_place_does_not_reach_the_store(
    tmp_path: Path,
) -> None:
    shelf = filled(Store(tmp_path / "store"))
    published(shelf, tmp_path / "results")
    for name in FILES:
        (tmp_path / "results" / name).write_text("better numbers")
    assert shelf.holds({*FILES})
    assert published(shelf, tmp_path / "results") == FILES


@pytest.mark.parametrize("damage", [CONTENTS, *FILES])
def test_a_shelf_that_lacks_a_file_holds_nothing_and_is_filled_again(
    finished: Store, damage: str
) -> None:
    shelf = filled(finished)
    (shelf.folder / damage).unlink()
    assert not shelf.holds({*FILES})
    assert filled(finished).holds({*FILES})


def test_a_kill_before_all_is_kept_keeps_nothing(finished: Store) -> None:
    shelf = finished.shelf("a run", IDENTITY)
    (shelf.begin() / "history.csv").write_text("half")
    assert not shelf.holds({*FILES})
    assert {path.name for path in shelf.begin().iterdir()} == set()


def test_other_files_than_those_asked_for_are_not_enough(finished: Store) -> None:
    shelf = filled(finished)
    assert not shelf.holds({*FILES, "answers.npz"})
    assert not shelf.holds({"metrics.json"})


def test_where_links_cannot_be_made_files_are_copied(
    finished: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refused)
    shelf = filled(finished)
    assert published(shelf, tmp_path / "results") == FILES
    assert not (tmp_path / "results/metrics.json").samefile(shelf.folder / "metrics.json")


def test_a_second_process_waits_and_says_for_whom(
    finished: Store,
    worker: Worker,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("cxv.records.store.WAIT_SECONDS", 0.01)
    monkeypatch.setattr("cxv.records.store.GLANCE_SECONDS", 0.01)
    threading.Timer(0.2, worker.end.set).start()
    with finished.shelf("a run", IDENTITY).alone():
        assert worker.end.is_set()
    assert f"a run is computed by process {os.getpid()} on " in caplog.text
    assert "waiting for its result" in caplog.text


def test_who_computes_something_is_told_until_it_ends(finished: Store, worker: Worker) -> None:
    [holder] = finished.under_way()
    assert (holder.name, holder.process) == ("a run", os.getpid())
    worker.end.set()
    worker.join()
    assert finished.under_way() == []


def test_who_began_first_is_told_first(finished: Store) -> None:
    """Three, so that no order of their files' names is that of their times by chance."""
    with ExitStack() as held:
        for name in ("b", "c", "a"):
            identity = IDENTITY.model_copy(update={"code": name})
            held.enter_context(finished.shelf(name, identity).alone())
        assert [holder.name for holder in finished.under_way()] == ["b", "c", "a"]


def test_a_process_that_was_killed_computes_nothing(finished: Store) -> None:
    """Its lock's file stays, and nobody holds it."""
    (finished.folder / "locks").mkdir(parents=True)
    for digit in "01":
        left = finished.folder / "locks" / f"{digit * 64}.lock"
        left.write_text('{"name": "a run", "process": 1, "host": "h", "since": 0.0}')
    assert finished.under_way() == []
    assert list((finished.folder / "locks").iterdir()) == []


def test_it_is_free_again_after_an_error(finished: Store) -> None:
    with pytest.raises(ZeroDivisionError), finished.shelf("a run", IDENTITY).alone():
        raise ZeroDivisionError
    with finished.shelf("a run", IDENTITY).alone():
        pass


def test_the_store_is_where_the_user_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXV_STORE", str(tmp_path / "named"))
    assert store_near(Path("results")).folder == tmp_path / "named"


def test_it_is_the_users_own_where_links_lead_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CXV_STORE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert store_near(tmp_path / "project/results").folder == tmp_path / "cache/cxv/store"


def test_without_a_cache_folder_of_its_own_it_is_in_the_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CXV_STORE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert store_near(tmp_path / "results").folder == tmp_path / ".cache/cxv/store"


@pytest.mark.skipif(not SECOND_DISK.is_dir(), reason="no second file system")
def test_and_the_checkouts_own_where_they_do_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CXV_STORE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(SECOND_DISK))
    assert store_near(tmp_path / "results").folder == Path(".cxv/store")


def test_or_where_the_home_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CXV_STORE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert store_near(tmp_path / "results").folder == Path(".cxv/store")
