"""What a study's command says when it is done."""

import re
from collections.abc import Iterator
from pathlib import Path

SENTENCE = re.compile(r"\d+\. |Stale: ")  # of what opens a report in Markdown


def lines(study: Path) -> Iterator[str]:
    """Yield what a study found, as its report begins, and where that is; of a part, nothing."""
    if not (study / "report.md").exists():
        return
    opening = (study / "report.md").read_text().partition("\n## ")[0]
    yield from (line for line in opening.splitlines() if SENTENCE.match(line))
    yield f"The report: {(study / 'report.html').absolute()}"
