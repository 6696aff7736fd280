"""What was found sound is not checked again, until anything that decides is another."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from paper_folders import copied
from shared_fixtures import ROOT

from cxv.config.grid import Params
from cxv.jobs import check
from cxv.jobs import checked_before as subject
from cxv.jobs.checked_before import CheckedBefore
from cxv.paper.strict_file import PaperError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / ".cxv/sound.txt"


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What is checked, in turn; nothing is found."""
    seen: list[object] = []

    def faults(params: Params) -> tuple[()]:
        seen.append(params)
        return ()

    monkeypatch.setattr(check, "faults", faults)
    monkeypatch.setattr(check, "sound_paper", seen.append)
    return seen


def test_sound_settings_are_checked_once_and_other_ones_again(
    path: Path, params: Params, checked: list[object]
) -> None:
    other = params.model_copy(update={"checkpoint_seconds": 7.0})
    for one in (params, params, other, params, other):
        assert list(CheckedBefore(path).faults(one)) == []
    assert checked == [params, other]


def test_faults_are_found_each_time(
    path: Path, params: Params, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault = (("phases", "adamw"), "is wrong")
    monkeypatch.setattr(check, "faults", lambda _: iter([fault]))
    for _ in range(2):
        assert list(CheckedBefore(path).faults(params)) == [fault]
    assert not path.exists()


@pytest.mark.parametrize("what", ["packages", "Python", "code"])
def test_other_packages_and_other_code_check_again(
    what: str,
    path: Path,
    params: Params,
    checked: list[object],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    list(CheckedBefore(path).faults(params))
    if what == "packages":
        monkeypatch.setattr(subject, "installed", lambda: {"torch": "99.0"})
    elif what == "Python":
        monkeypatch.setattr(sys, "version", "3.99")
    else:
        (tmp_path / "cxv/jobs").mkdir(parents=True)
        (tmp_path / "cxv/other.py").write_text("A = 1")
        monkeypatch.setattr(subject, "__file__", str(tmp_path / "cxv/jobs/checked_before.py"))
    list(CheckedBefore(path).faults(params))
    assert len(checked) == 2


def edit(folder: Path) -> None:
    with folder.joinpath("claims.yaml").open("a") as file:
        file.write("\n# another word\n")


def add(folder: Path) -> None:
    folder.joinpath("notes.txt").touch()


@pytest.mark.parametrize("change", [edit, add])
def test_a_paper_is_checked_again_after_an_edit_and_where_it_is_no_matter(
    change: Callable[[Path], None], path: Path, tmp_path: Path, checked: list[object]
) -> None:
    first, second = (copied(tmp_path / name) for name in ("a", "b"))
    for folder in (first, first, second):
        CheckedBefore(path).sound_paper(folder)
    assert checked == [first]
    change(first)
    CheckedBefore(path).sound_paper(first)
    assert checked == [first, first]


def test_a_paper_with_a_fault_is_refused_each_time(path: Path, tmp_path: Path) -> None:
    folder = copied(tmp_path / "paper")
    folder.joinpath("tolerances.yaml").write_text("alpha: 2\n")
    for _ in range(2):
        with pytest.raises(PaperError, match=r"tolerances\.yaml"):
            CheckedBefore(path).sound_paper(folder)


def test_the_latest_are_kept_and_an_unreadable_file_costs_only_time(
    path: Path, params: Params, checked: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subject, "MOST", 2)
    settings = [params.model_copy(update={"checkpoint_seconds": float(x)}) for x in range(1, 4)]
    for one in [*settings, *settings[1:]]:
        list(CheckedBefore(path).faults(one))
    assert checked == settings
    path.write_bytes(b"\xff\xfe")
    list(CheckedBefore(path).faults(params))
    path.unlink()
    path.mkdir()
    list(CheckedBefore(path).faults(params))
    assert checked == [*settings, params, params]


@pytest.mark.slow
def test_a_second_command_does_not_load_torch(path: Path) -> None:
    code = f"""
import sys
from pathlib import Path
from cxv.config.load import load
from cxv.jobs.checked_before import CheckedBefore
checked = CheckedBefore(Path({str(path)!r}))
params = load(Path("params.yaml"), also=checked.faults)
checked.sound_paper(Path(params.paper))
print("torch" in sys.modules)
"""
    said = [
        subprocess.run(
            [sys.executable, "-W", "ignore", "-c", code],
            cwd=ROOT, capture_output=True, text=True, check=True,
        ).stdout.strip()
        for _ in range(2)
    ]  # fmt: skip
    assert said == ["True", "False"]
