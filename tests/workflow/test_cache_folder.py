"""Snakemake finds a cache folder also where nobody may write to the home folder."""

import os
from pathlib import Path

import pytest
from snakemake_logger_plugin_cxv.cache_folder import offer_cache

from cxv.records.store import store_near

OWN = Path(".cxv")
CLOSED = "/dev/null"
"""As a home folder it is closed to root too."""


def test_the_store_is_the_one_that_other_commands_find(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", CLOSED)
    monkeypatch.delenv("CXV_STORE")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    found = store_near(Path("results")).folder
    environment = {"HOME": CLOSED}
    offer_cache(environment, OWN)
    assert Path(environment["CXV_STORE"]) == found.absolute()
    named = {"HOME": CLOSED, "CXV_STORE": "/mnt/store"}
    offer_cache(named, OWN)
    assert named["CXV_STORE"] == "/mnt/store"


@pytest.mark.parametrize("closed", [{"HOME": CLOSED}, {"HOME": "/", "XDG_CACHE_HOME": CLOSED}])
def test_a_closed_home_or_cache_is_replaced(closed: dict[str, str]) -> None:
    offer_cache(closed, OWN)
    assert closed["XDG_CACHE_HOME"] == str(Path.cwd() / ".cxv/cache")


def test_a_cache_that_may_not_be_written_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    environment = {"HOME": str(tmp_path)}
    offer_cache(environment, OWN)
    assert environment["XDG_CACHE_HOME"] == str(Path.cwd() / ".cxv/cache")


@pytest.mark.parametrize("name", ["HOME", "XDG_CACHE_HOME"])
def test_an_open_one_is_left_as_it_is(tmp_path: Path, name: str) -> None:
    environment = {"HOME": "/", name: str(tmp_path)}
    offer_cache(environment, OWN)
    assert environment == {"HOME": "/", name: str(tmp_path)}
