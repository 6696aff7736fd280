"""The seal of a paper's folder: what was printed, and how near is near enough, stays as it was.

A forged tolerance or printed number would let any run reproduce the paper. An edit that is meant is
sealed again, by ``python -m cxv seal``, and the seal's own change is seen in git. A folder without
a seal is taken as it is.
"""

from pathlib import Path

from cxv.paper.strict_file import PaperError
from cxv.records.sealed_folder import alterations, seal_folder

DATA = ("*.yaml", "*.csv")
"""What is read from the folder; its README may be edited at will."""


def seal_paper(folder: Path) -> tuple[Path, ...]:
    """Seal the files of a paper's folder as they are; return them.

    Raises:
        PaperError: there is no paper in it.
    """
    files = tuple(sorted(path for pattern in DATA for path in folder.glob(pattern)))
    if folder / "paper.yaml" not in files:
        raise PaperError(f"{folder}: no folder of a paper: it has no paper.yaml")
    seal_folder(folder, files)
    return files


def refuse_altered(folder: Path) -> None:
    """Raise ``PaperError`` if a file is not as it was sealed."""
    found = list(alterations(folder))
    if found:
        listed = "\n".join(found)
        raise PaperError(
            f"{listed}\nWhere you meant the edit, type: python -m cxv seal {folder}; else take the"
            f" file back: git checkout {folder}"
        )
