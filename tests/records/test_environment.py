"""A stamp says where and with what a number was made, edits of the code among it."""

import subprocess
from importlib.metadata import version
from pathlib import Path

import pytest
import torch

from cxv.records import commit as commit_module
from cxv.records import environment as subject
from cxv.records.record import Stamp
from cxv.report.wording import commit

CPU = torch.device("cpu")


def git(folder: Path, *arguments: str) -> str:
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    done = subprocess.run(
        ["git", "-C", str(folder), *who, *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.fixture
def code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that stands for the one of the project's code, in no checkout."""
    folder = tmp_path / "project"
    (folder / "cxv/records").mkdir(parents=True)
    (folder / "cxv/records/environment.py").write_text("SCALE = 1\n")
    monkeypatch.setattr(commit_module, "__file__", str(folder / "cxv/records/commit.py"))
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    return folder


@pytest.fixture
def checkout(code: Path) -> Path:
    """The same, committed."""
    git(code, "init", "-q")
    git(code, "add", "-A")
    git(code, "commit", "-qm", "start")
    return code


def stamped() -> Stamp:
    return subject.stamp("c0de", CPU, "bfloat16", 12.34567, ["a kernel"])


def test_a_clean_tree_is_its_commit(checkout: Path) -> None:
    made = stamped()
    assert (made.commit, made.dirty) == (git(checkout, "rev-parse", "HEAD"), False)
    (checkout / "notes.txt").write_text("no code that is tracked")
    assert not stamped().dirty


@pytest.mark.parametrize("edit", ["unstaged", "staged", "deleted"])
def test_an_edit_of_a_tracked_file_makes_the_tree_dirty(checkout: Path, edit: str) -> None:
    path = checkout / "cxv/records/environment.py"
    path.write_text("SCALE = 2\n")
    if edit == "staged":
        git(checkout, "add", "-A")
    if edit == "deleted":
        path.unlink()
    made = stamped()
    assert (made.commit, made.dirty) == (git(checkout, "rev-parse", "HEAD"), True)
    git(checkout, "checkout", "-q", "HEAD", "--", ".")
    assert not stamped().dirty


def test_code_in_no_checkout_has_no_commit(code: Path) -> None:
    made = stamped()
    assert (made.commit, made.dirty) == (None, False)


def test_a_checkout_without_a_commit_has_none(code: Path) -> None:
    git(code, "init", "-q")  # its `git rev-parse HEAD` fails, and prints HEAD
    assert stamped().commit is None


def test_a_gpu_is_named_and_its_own_peak_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    second = torch.device("cuda", 1)
    names, peaks = {second: "P100"}, {second: 7_000}
    monkeypatch.setattr(torch.cuda, "get_device_name", names.__getitem__)
    monkeypatch.setattr(torch.cuda, "max_memory_allocated", peaks.__getitem__)
    made = subject.stamp("c0de", second, "float16", 1.0)
    assert (made.device, made.peak_bytes) == ("P100", 7_000)
    assert stamped().peak_bytes is None


def test_without_git_there_is_no_commit(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    made = stamped()
    assert (made.commit, made.dirty) == (None, False)


def test_a_stamp_has_what_it_is_given_and_what_it_finds() -> None:
    threads = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        made = stamped()
        assert subject.describe_environment(CPU) == {
            "torch": version("torch"),
            "device": "cpu",
            "CPU threads": "3",
        }
    finally:
        torch.set_num_threads(threads)
    assert (made.code, made.precision, made.seconds) == ("c0de", "bfloat16", 12.346)
    assert (made.device, made.cpu_threads, made.peak_bytes) == ("cpu", 3, None)
    assert (made.undetermined, made.deterministic) == (("a kernel",), False)
    assert subject.stamp("c0de", CPU, "float32", 1.0).deterministic
    names = ("torch", "torchvision", "pillow", "numpy", "einops", "fvcore")
    assert made.packages == {name: version(name) for name in names}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"dirty": False}, "a1b2"),
        ({"dirty": True}, "a1b2 + changes"),
        ({"dirty": False, "commit": None}, "not a git checkout"),
    ],
)
def test_a_report_says_of_a_commit_whether_files_differed(
    changes: dict[str, object], said: str
) -> None:
    assert commit(stamped().model_copy(update={"commit": "a1b2", **changes})) == said
