"""The verdict that every rule gives."""

from dataclasses import dataclass
from typing import Literal

Word = Literal[
    "reproduced",
    "not_reproduced",
    "inconclusive",
    "fitted",  # as printed, by a setting that was chosen because it gives the printed number
    "not_run",
    "under_test",  # by the tests of this project, not by runs
    "not_testable",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A word, and the numbers that it rests on, in the unit of what was judged."""

    word: Word
    reason: str
    estimate: float | None = None  # what was judged
    low: float | None = None  # of its interval
    high: float | None = None
    mean: float | None = None  # over seeds
    sd: float | None = None  # between seeds; None of one
    n: int = 0  # seeds
    p: float | None = None  # that the word is wrong by chance; 1: inconclusive; None: no test
    missing: tuple[str, ...] = ()  # what has to be run first


def not_testable(reason: str) -> Verdict:
    """Return that no experiment of the paper bears on the claim."""
    return Verdict(word="not_testable", reason=reason)


def not_run(*missing: str) -> Verdict:
    """Say what has to be run before a claim can be judged."""
    return Verdict(word="not_run", reason=f"missing: {', '.join(missing)}", missing=missing)
