"""The table of mutants by group, which is kept in the documentation."""

import datetime
from collections.abc import Mapping
from pathlib import Path

from benchmarks.mutants.survivors import Counts

PAGE = """# Mutants

`make mutants` puts one small fault at a time into the code and runs the tests that reach it: a
comparison turned round, a number one larger, an argument dropped, `None` in place of a value.
Wording is left out: messages, log lines, texts of several words. The tool,
[mutmut](https://mutmut.readthedocs.io), alters no constant of a module and no default of a setting.
Groups are those of `benchmarks/mutants/groups.yaml`; faults that change nothing are in
`benchmarks/mutants/equivalent.yaml`, each with its reason. A mutant may take 30 seconds of tests;
one that lives longer counts as left. Tests marked `slow` run for the groups that say so. Where some
were not tried, the others are every tenth or fifth of each function (`--only '*4'` or
`--only '*[38]'`). The share is of the mutants tried that are not equivalent.

| group | made | killed | equivalent | left | not tried | share killed | wanted | date |
|---|---|---|---|---|---|---|---|---|
"""


def row(name: str, found: Counts, least: float) -> str:
    """Return the line of one group as of today."""
    numbers = [found.made, found.killed, found.equivalent, found.left, found.untried]
    cells = [name, *map(str, numbers), f"{found.share:.1%}", f"{least:.0%}"]
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    return f"| {' | '.join([*cells, today])} |"


def keep(path: Path, rows: Mapping[str, str], order: list[str]) -> None:
    """Write the page with these lines in place of the groups' earlier ones."""
    lines = path.read_text().splitlines() if path.exists() else []
    known = {line.split("|")[1].strip(): line for line in lines if line.startswith("| ")}
    known |= rows
    path.write_text(PAGE + "\n".join(known[name] for name in order if name in known) + "\n")
