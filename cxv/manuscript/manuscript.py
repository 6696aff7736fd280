"""All files of a manuscript: its text, the files of macros, and the tables of reports."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cxv.errors import UserError
from cxv.manuscript.latex_calls import Call
from cxv.manuscript.latex_source import LatexSource, read_source
from cxv.manuscript.macros import MacrosFile, is_macros_file, read_macros

FRAGMENT = r"% Needs \usepackage{booktabs}, T1 fonts."
"""First line of a report's table, see ``cxv/report/templates/tables.tex.j2``."""


@dataclass(frozen=True, slots=True)
class Missing:
    """A file that is input and not there."""

    source: LatexSource
    line: int
    name: str


@dataclass(slots=True)
class Manuscript:
    """What LaTeX would read, file by file."""

    path: Path
    sources: list[LatexSource] = field(default_factory=list)
    macros: list[tuple[Path, MacrosFile]] = field(default_factory=list)
    fragments: list[tuple[Path, str]] = field(default_factory=list)  # tables of reports, as text
    missing: list[Missing] = field(default_factory=list)

    def calls(self) -> Iterator[tuple[LatexSource, Call]]:
        """Yield each use of our macros, file by file."""
        definitions = [one for source in self.sources for one in source.definitions]
        yield from ((source, call) for source in self.sources for call in source.calls(definitions))

    def studies(self, named: str | None) -> Sequence[str]:
        """Return the studies that its numbers are of.

        Raises:
            UserError: it names none.
        """
        found = dict.fromkeys(file.study for _, file in self.macros)
        if named:
            found[named] = None
        if not found:
            raise UserError(
                f"{self.path}: inputs no file of macros; write one by `cxv latex-macros STUDY`,"
                " or name the study that its numbers are of: --study STUDY"
            )
        return list(found)


def read_manuscript(path: Path) -> Manuscript:
    r"""Read a file of LaTeX and all that it takes in by ``\input`` and ``\include``.

    Raises:
        UserError: the file is not there, or no text.
    """
    found = Manuscript(path)
    seen: set[Path] = set()
    _read(path, found, seen)
    return found


def _read(path: Path, found: Manuscript, seen: set[Path]) -> None:
    if path.resolve() in seen:
        return
    seen.add(path.resolve())
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: cannot be read: {error}") from error
    if is_macros_file(text):
        found.macros.append((path, read_macros(text)))
    elif text.lstrip().startswith(FRAGMENT):
        found.fragments.append((path, text))
    else:
        source = read_source(path, text)
        found.sources.append(source)
        for line, name in source.inputs:
            there = next(_candidates(found.path.parent, path.parent, name), None)
            if there is None:
                found.missing.append(Missing(source, line, name))
            else:
                _read(there, found, seen)


def _candidates(*places: Path | str) -> Iterator[Path]:
    """Yield the files that a name may mean: LaTeX looks from the folder of the main file."""
    *folders, name = places
    for folder in folders:
        for candidate in (Path(folder) / f"{name}.tex", Path(folder) / name):
            if candidate.is_file():
                yield candidate
