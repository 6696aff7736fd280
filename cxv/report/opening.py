"""What a study found, as its report begins: what its command says last, and ``cxv show``."""

import re
from collections.abc import Iterator
from pathlib import Path

from cxv.report.markdown import plain

SENTENCE = re.compile(r"\d+\. |Stale: ")  # of what opens a report in Markdown


def opening(study: Path) -> Iterator[str]:
    """Yield the sentences that open a study's report; nothing if there is no report."""
    if (study / "report.md").exists():
        begins = (study / "report.md").read_text().partition("\n## ")[0]
        yield from (plain(line) for line in begins.splitlines() if SENTENCE.match(line))


def place(study: Path) -> str:
    """Say where the report of a study is."""
    return f"The report: {(study / 'report.html').absolute()}"


def closing_words(study: Path) -> Iterator[str]:
    """Yield what a study found, where its report is, and what a reader may want next."""
    if (study / "report.md").exists():
        yield from opening(study)
        yield place(study)
        yield (
            f"Next: python -m cxv open {study.name} (the report in a browser),"
            f" show {study.name} (its table here), verify {study.name} (does every number hold?)"
        )
