"""Do odd inputs end in plain words? ``python -m benchmarks.fuzz --hours 1``.

Random settings, photos, folders of them, archives, files of a paper and of a run, and command lines
are given to what reads them. Settings that are not refused train two epochs. Whatever is raised but
an error for users, or takes more than five minutes, is printed once, with the input that did it.
``tests/test_fuzz.py`` tries a few of each.
"""

import argparse
import os
import resource
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings

sys.path.insert(0, str(Path(__file__).parents[1] / "tests/helpers"))
from fuzzed import Target, targets

EACH = 10
"""Inputs by one seed: later ones would be variations of the first."""

MOST_SECONDS = 300
"""For one input; on a machine that others use too, a sound one may come near."""

AGAIN_SECONDS = 5
"""After which what swallowed the end is ended again."""

MOST_BYTES = 16 << 30
"""Of memory: what asks for more is to be refused, and must not end this program."""


HEAD = "| inputs | tried | ends | kinds of faults | minutes |\n|---|--:|---|--:|--:|\n"


class TooSlowError(Exception):
    """One input took more than ``MOST_SECONDS``."""


@contextmanager
def limited() -> Iterator[None]:
    """Raise where something takes too long."""

    def end(_: int, __: FrameType | None) -> None:
        raise TooSlowError

    signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, MOST_SECONDS, AGAIN_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


class Hunt:
    """One target, and what was found of it."""

    def __init__(self, name: str, target: Target, folder: Path) -> None:
        self.name, self._target, self._folder = name, target, folder
        self.outcomes: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self.seconds = 0.0

    def round(self, number: int) -> None:
        """Try ``EACH`` inputs, drawn by a seed."""

        @settings(
            max_examples=EACH,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @seed(number)
        @given(self._target.inputs)
        def each(value: Any) -> None:
            self._try(value)

        start = time.perf_counter()
        each()
        self.seconds += time.perf_counter() - start

    def _try(self, value: Any) -> None:
        try:
            with limited():
                self.outcomes[self._target.outcome(value, self._folder)] += 1
        except Exception as error:
            frames = traceback.extract_tb(error.__traceback__)
            ours = next((x for x in reversed(frames) if "/cxv/" in x.filename), frames[-1])
            fault = f"{type(error).__name__} in {ours.filename}:{ours.lineno}"
            if fault not in self.faults:
                shown = "".join(traceback.format_exception(error)[-4:])
                sys.stdout.write(f"\n{self.name}: {fault}\n{shown}input: {value!r}\n")
                sys.stdout.flush()
            self.faults[fault] += 1

    def line(self) -> str:
        """Return a row of the table."""
        ends = ", ".join(f"{count:,} {end}" for end, count in self.outcomes.most_common())
        tried = self.outcomes.total() + self.faults.total()
        return (
            f"| {self.name} | {tried:,} | {ends} | {len(self.faults)} | {self.seconds / 60:.0f} |"
        )


def main() -> None:
    """Try all targets in turn until the time is up; print a table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--hours", type=float, default=1.0)
    options.add_argument("--seed", type=int, default=0, help="of the first round")
    options.add_argument("--only", help="one target")
    asked = options.parse_args()
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as name:
        os.environ |= {"CXV_STORE": f"{name}/store", "BROWSER": "true"}
        sys.stdin = Path(os.devnull).open()  # noqa: SIM115 - until the end
        found = targets(Path(name))
        resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
        shares = {one: x.share for one, x in found.items() if asked.only in {None, one}}
        hunts = {one: Hunt(one, found[one], Path(name)) for one in shares}
        rounds, end = Counter[str](), time.time() + 3600 * asked.hours
        while time.time() < end:
            least = min(hunts, key=lambda one: hunts[one].seconds / shares[one])
            hunts[least].round(asked.seed + rounds[least])
            rounds[least] += 1
    sys.stdout.write(
        "\n| inputs | tried | ends | kinds of faults | minutes |\n|---|--:|---|--:|--:|\n"
    )
    sys.stdout.write("".join(f"{hunt.line()}\n" for hunt in hunts.values()))
    sys.exit(any(hunt.faults for hunt in hunts.values()))


if __name__ == "__main__":
    main()
