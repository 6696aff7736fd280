"""Do tests fail when the code is wrong? ``python -m benchmarks.mutants [group ...]``.

Each group of ``groups.yaml`` is copied to ``.mutants/<group>``, where mutmut puts one small fault
at a time into its code and runs the tests that reach it. What they killed there is not tried again.
All groups take hours.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

import yaml

from benchmarks.mutants.groups import GROUPS, Group
from benchmarks.mutants.plugin import STATISTICS, TESTS
from benchmarks.mutants.source import prepare
from benchmarks.mutants.survivors import counts, forget_survivors, survivors
from benchmarks.mutants.table import keep, row

ROOT = Path(__file__).resolve().parents[2]
COPIES = ROOT / ".mutants"
MUTMUT = Path(sys.executable).with_name("mutmut")
TABLE = ROOT / "docs/mutants.md"
SETTLED = Path(__file__).with_name("equivalent.yaml")


def main() -> int:
    """Try groups; print what survived; keep the table; fail if a group is below its bar."""
    options = argparse.ArgumentParser(prog="benchmarks.mutants", description=__doc__)
    options.add_argument("groups", nargs="*", metavar="group", help="; ".join(GROUPS))
    options.add_argument("--processes", type=int, default=os.cpu_count())
    options.add_argument("--only", nargs="*", default=[], help="names of mutants, with wildcards")
    options.add_argument("--no-run", action="store_true", help="print what was tried before")
    asked = options.parse_args()
    if unknown := set(asked.groups) - set(GROUPS):
        options.error(f"no group {', '.join(sorted(unknown))}; known: {', '.join(GROUPS)}")
    equivalent = yaml.safe_load(SETTLED.read_text())
    below = []
    for name in asked.groups or GROUPS:
        group, copy = GROUPS[name], COPIES / name
        if not asked.no_run:
            bring_up_to_date(copy, group)
            forget_survivors(copy, asked.only)
            run(copy, asked.processes, asked.only)
        found = counts(copy, equivalent)
        if found.untried == found.made:
            sys.exit(f"{name}: mutmut tried no mutant; what it printed above says why")
        line = row(name, found, group.least)
        keep(TABLE, {name: line}, list(GROUPS))
        sys.stdout.write("\n".join([*survivors(copy, equivalent), line, ""]))
        if found.share < group.least:
            below.append(name)
    return bool(below)


def bring_up_to_date(copy: Path, group: Group) -> None:
    """Copy the checkout. mutmut knows files by their dates: one that is the same keeps its own.

    After an edit of code or tests, mutmut finds out again which tests reach what: it would miss a
    function that is new, or that an old test has come to call.
    """
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    tracked = {Path(name) for name in listed.stdout.splitlines() if (ROOT / name).exists()}
    code = {path for path in tracked if group.mutates(path)}
    edited = False
    for path in tracked:
        text = (ROOT / path).read_bytes()
        new = write_changed(copy / path, prepare(text.decode()).encode() if path in code else text)
        edited |= new and path.suffix == ".py"
    tests = sorted(path.name for path in tracked if group.tests_it(path))
    edited |= write_changed(copy / TESTS, "\n".join(tests).encode())
    if edited:
        (copy / "mutants" / STATISTICS).unlink(missing_ok=True)
    write_changed(copy / "setup.cfg", settings(code, tracked, slow=group.slow).encode())
    for name in ("tests", "mutants/tests"):
        for path in (copy / name).rglob("*.py"):
            if "tests" / path.relative_to(copy / name) not in tracked:
                path.unlink()


def write_changed(path: Path, content: bytes) -> bool:
    """Write a file, unless it has this content; tell whether it had another."""
    if path.exists() and path.read_bytes() == content:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return True


def settings(code: set[Path], tracked: set[Path], *, slow: bool) -> str:
    """Return mutmut's settings. Torch is not safe to fork from once it has computed.

    They name no test: with another list, mutmut would try every mutant again.
    """
    others = {path.parts[0] for path in tracked} - {"cxv", "tests", "pyproject.toml"}
    lists = {
        "source_paths": ["cxv"],
        "only_mutate": sorted(map(str, code)),
        "also_copy": sorted({*others, str(TESTS)}),
        "do_not_mutate_patterns": [r"^\s*log(ger)?\.\w+\("],
        "pytest_add_cli_args_test_selection": ["tests"],
        "pytest_add_cli_args": [
            *("-o", "addopts=", "-p", "benchmarks.mutants.plugin"),
            *("-m", "not gpu" if slow else "not slow and not gpu", "-p", "no:cacheprovider"),
        ],
    }
    lines = [f"{key} =\n    " + "\n    ".join(values) for key, values in lists.items()]
    single = ["process_isolation = forkserver", "timeout_multiplier = 3", "timeout_constant = 60"]
    return "\n".join(["[mutmut]", *lines, *single, "use_git_change_detection = false", ""])


def run(copy: Path, processes: int, only: list[str]) -> None:
    """Try every mutant that no test has killed."""
    subprocess.run(
        [MUTMUT, "run", "--max-children", str(processes), *only],
        cwd=copy, env=os.environ | {"OMP_NUM_THREADS": "1"}, check=False,
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
