"""What became of each mutant: read from the files that mutmut leaves."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import ndiff
from fnmatch import fnmatch
from pathlib import Path

CAUGHT = frozenset({1, 3, 24, -24, 36, 152, -11, -9})
"""Exit codes of a failed test, of a crash, and of one that took too long."""

OUTCOMES: Mapping[int | None, str] = {
    0: "survived",
    33: "no test reaches it",
    255: "the tests could not be run",
}
"""What other exit codes say."""

Equivalent = Mapping[str, Sequence[Mapping[str, str]]]
"""By module and function: the faults that change nothing, as ``mutant``, and ``why``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many mutants there are, and what became of them."""

    made: int
    killed: int
    equivalent: int
    left: int
    untried: int

    @property
    def share(self) -> float:
        """Of the mutants tried that are not equivalent, those killed."""
        return self.killed / max(1, self.killed + self.left)


@dataclass(frozen=True, slots=True)
class Mutant:
    """One fault, and the exit code of the tests; None: not tried."""

    name: str
    function: str  # e.g. cxv.training.trainer.Learner.epoch
    fault: str  # the lines that it removes and adds
    exit_code: int | None


def counts(copy: Path, equivalent: Equivalent) -> Counts:
    """Return what became of the mutants in a copy."""
    codes, left = _exit_codes(copy), list(_left(copy))
    settled = sum(is_equivalent(mutant, equivalent) for mutant in left)
    return Counts(
        made=len(codes),
        killed=sum(code in CAUGHT for code in codes),
        equivalent=settled,
        left=len(left) - settled,
        untried=codes.count(None),
    )


def survivors(copy: Path, equivalent: Equivalent) -> list[str]:
    """Return each fault that no test caught, as text."""
    return [
        f"{mutant.name} ({OUTCOMES.get(mutant.exit_code, 'not caught')})\n{mutant.fault}\n"
        for mutant in _left(copy)
        if not is_equivalent(mutant, equivalent)
    ]


def forget_survivors(copy: Path, only: Sequence[str] = ()) -> None:
    """Let mutmut try again what no test has killed yet; of some names alone, with wildcards."""
    for path in (copy / "mutants").rglob("*.py.meta"):
        kept = json.loads(path.read_text())
        codes = kept["exit_code_by_key"]
        kept["exit_code_by_key"] = {
            name: None if code not in CAUGHT and _is_asked_for(name, only) else code
            for name, code in codes.items()
        }
        path.write_text(json.dumps(kept, indent=4))


def _is_asked_for(name: str, only: Sequence[str]) -> bool:
    return not only or any(fnmatch(name, pattern) for pattern in only)


def is_equivalent(mutant: Mutant, equivalent: Equivalent) -> bool:
    """Tell whether a fault is known to change nothing."""
    known = equivalent.get(mutant.function, ())
    return any(one["mutant"].strip() == mutant.fault for one in known)


def _exit_codes(copy: Path) -> list[int | None]:
    kept = [json.loads(path.read_text()) for path in (copy / "mutants").rglob("*.py.meta")]
    return [code for one in kept for code in one["exit_code_by_key"].values()]


def _left(copy: Path) -> Iterator[Mutant]:
    for path in sorted((copy / "mutants").rglob("*.py.meta")):
        codes = json.loads(path.read_text())["exit_code_by_key"]
        lines = path.with_suffix("").read_text().splitlines(keepends=True)
        spans = json.loads(path.with_suffix(".spans").read_text())["spans"]
        for name, code in codes.items():
            if code is not None and code not in CAUGHT:
                mangled = name.rpartition(".")[2]
                original = mangled.rpartition("__mutmut_")[0] + "__mutmut_orig"
                texts = ["".join(lines[a - 1 : b]) for a, b in (spans[original], spans[mangled])]
                fault = _difference(texts[0], texts[1].replace(mangled, original))
                yield Mutant(name, _function(name), fault, code)


def _difference(original: str, mutated: str) -> str:
    lines = ndiff(original.splitlines(), mutated.splitlines())
    return "\n".join(f"{x[0]} {x[2:].strip()}" for x in lines if x[0] in "+-")


def _function(name: str) -> str:
    """Return ``cxv.statistics.mean`` for ``cxv.statistics.x_mean__mutmut_3``."""
    module, _, mangled = name.rpartition(".")
    inner = mangled.rpartition("__mutmut_")[0]
    parts = inner.split("ǁ")[1:] if "ǁ" in inner else [inner.removeprefix("x_")]
    return ".".join([module, *parts])
