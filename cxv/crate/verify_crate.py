"""Check the files, the records and the top-1 of this folder; nothing but Python is needed.

    python3 verify.py

Every file is held against SHA256SUMS, every record against its seal and against the files that it
names, and the top-1 that the table and the report show are derived again from the predictions. The
exit code is 1 if something differs. Python 3.9 or newer; no package, no network.
"""

from __future__ import annotations

import ast
import csv
import hashlib
import json
import re
import statistics
import struct
import sys
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

SUMS, METADATA, SEAL = "SHA256SUMS", "ro-crate-metadata.json", "seal"
LINE = re.compile(r"([0-9a-f]{64})  (.+)")
INTEGERS = {"<i2": "h", "<i4": "i", "<i8": "q", "|i1": "b", "|u1": "B"}
"""Types of numpy, as ``struct`` names them."""
ROUNDING = 1e-12
COLUMN = re.compile(r"(?<!\\)\|")
ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
"""In Markdown: the border of a cell, and a character that stands for itself."""


def main(folder: Path, say: Any = sys.stdout.write) -> int:
    """Check a folder; return the exit code."""
    files, records, numbers = list(_files(folder)), list(_records(folder)), list(_numbers(folder))
    for what, checked in (
        ("files", files), ("records", records), ("numbers of top-1", numbers)
    ):  # fmt: skip
        right = sum(not fault for fault in checked)
        done = "derived" if checked is numbers else "unaltered"
        say(f"{what}: {len(checked)} found, {right} {done}\n")
    faults = [fault for fault in files + records + numbers if fault]
    if faults:
        say(f"{len(faults)} differ; the first: {faults[0]}\n")
        return 1
    say("nothing differs\n")
    return 0


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal digits."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            found.update(block)
    return found.hexdigest()


def _files(folder: Path) -> Iterator[str]:
    """Yield for each file what is wrong with it; empty if nothing is."""
    try:
        lines = (folder / SUMS).read_text("utf-8").splitlines()
        named = json.loads((folder / METADATA).read_text("utf-8"))["@graph"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        yield f"{SUMS} or {METADATA}: cannot be read: {error}"
        return
    sums = {}
    for line in lines:
        found = LINE.fullmatch(line)
        if found is None:
            yield f"{SUMS}: no checksum and name: {line!r}"
        else:
            sums[found[2]] = found[1]
    there = {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    for name in sorted(sums):
        if name not in there:
            yield f"{name}: missing, and {SUMS} names it"
        else:
            same = sha256_of(folder / name) == sums[name]
            yield "" if same else f"{name}: its SHA-256 is not the one in {SUMS}"
    yield from (f"{name}: not in {SUMS}" for name in sorted(there - set(sums) - {SUMS}))
    for entity in named:
        name = unquote(entity["@id"])
        if name in sums and entity.get("sha256", sums[name]) != sums[name]:
            yield f"{METADATA}: the SHA-256 of {name} is not the one in {SUMS}"


def _records(folder: Path) -> Iterator[str]:
    """Yield for each sealed file what is wrong with it or with the files that it names."""
    for path in sorted(folder.rglob("*.json")):
        name = path.relative_to(folder).as_posix()
        try:
            fields = json.loads(path.read_bytes())
        except ValueError as error:
            yield f"{name}: no whole JSON file: {error}"
            continue
        if isinstance(fields, dict) and SEAL in fields:
            yield _of_record(path, name, fields)


def _of_record(path: Path, name: str, fields: dict[str, Any]) -> str:
    seal = fields.pop(SEAL)
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"))
    if hashlib.sha256(text.encode()).hexdigest() != seal:
        return f"{name}: its values are not those that were sealed"
    sums = fields.get("sha256")
    for other, expected in sums.items() if isinstance(sums, dict) else ():
        named_file = path.parent / other
        left_out = other == "checkpoint.pt"  # of weights, which are exported on demand
        if not named_file.exists() and not left_out:
            return f"{name}: {other} is missing"
        if named_file.exists() and sha256_of(named_file) != expected:
            return f"{name}: {other} is not the file that it names"
    return ""


def _numbers(folder: Path) -> Iterator[str]:
    """Yield for each top-1 of a table or report what is wrong with it."""
    for table in sorted(folder.glob("results/studies/*/table.csv")):
        name = table.parent.relative_to(folder).as_posix()
        with table.open(encoding="utf-8", newline="") as file:
            cells = [row for row in csv.DictReader(file) if row["value"]]
        derived: dict[tuple[str, ...], dict[str, float]] = {}
        for cell in cells:
            if cell["column"] in FROM_SCORES:
                key = tuple(cell[x] for x in ("dataset", "model", "variant", "recipe"))
                found = _derived(folder, cell)
                derived.setdefault(key, {})[cell["column"]] = found
                same = abs(found - float(cell["value"])) < ROUNDING
                where = "/".join((*key, cell["column"]))
                said = f"{name}/table.csv: {where} is {cell['value']}, its predictions give {found}"
                yield "" if same else said
        yield from _of_report(table.with_name("report.md"), derived, name)


def _spread(scores: list[float]) -> float:
    return statistics.stdev(scores) if len(scores) > 1 else float("nan")


FROM_SCORES: dict[str, Callable[[list[float]], float]] = {
    "top1_best": max, "top1_mean": statistics.fmean, "top1_sd": _spread,
    "n": lambda scores: float(len(scores)),
}  # fmt: skip
"""By column of a table: how it is made of the top-1 of its runs."""


def _derived(folder: Path, cell: dict[str, str]) -> float:
    """Return a number of a table from the predictions of its runs."""
    scores = []
    for source in cell["sources"].split():
        record = source.partition("#")[0]
        path = folder / "results" / record[record.index("runs/") :]
        try:
            scores.append(top1_of(path.with_name("predictions.npz")))
        except (OSError, ValueError, KeyError, zipfile.BadZipFile, struct.error, SyntaxError):
            return float("nan")
    return float(FROM_SCORES[cell["column"]](scores)) if scores else float("nan")


def top1_of(path: Path) -> float:
    """Return the share of test images whose predicted class is the true one."""
    with zipfile.ZipFile(path) as file:
        predicted, label = (_array(file.read(f"{name}.npy")) for name in ("predicted", "label"))
    if len(predicted) != len(label) or not label:
        raise ValueError(f"{path}: {len(predicted)} predictions of {len(label)} images")
    return sum(map(int.__eq__, predicted, label)) / len(label)


def _array(content: bytes) -> tuple[int, ...]:
    """Return the whole numbers of a .npy file: magic, version, header, then the bytes."""
    if content[:6] != b"\x93NUMPY":
        raise ValueError("no .npy file")
    size, start = ("<H", 10) if content[6] == 1 else ("<I", 12)
    end = start + struct.unpack(size, content[8:start])[0]
    header = ast.literal_eval(content[start:end].decode("latin-1"))
    [count] = header["shape"]
    return struct.unpack(f"<{count}{INTEGERS[header['descr']]}", content[end:])


def _of_report(
    report: Path, derived: dict[tuple[str, ...], dict[str, float]], name: str
) -> Iterator[str]:
    """Yield for each row of the report's tables whether it shows what was derived."""
    if not report.exists():
        yield f"{name}/report.md: missing"
        return
    shown = Counter(_rows(report.read_text("utf-8").splitlines()))
    for key, numbers in derived.items():
        expected = (key[0], *key[2:], *(_percent(numbers, x) for x in ("top1_best", "top1_mean")))
        for column, text in (("top1_best", expected[-2]), ("top1_mean", expected[-1])):
            if column in numbers:
                right = shown[expected] > 0
                yield "" if right else f"{name}/report.md: {'/'.join(key)} does not show {text}"
        shown[expected] -= 1


def _percent(numbers: dict[str, float], column: str) -> str:
    return f"{100 * numbers[column]:.2f}" if column in numbers else ""


def _rows(lines: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """Yield dataset, variant, recipe, best and mean top-1 of each row of the first tables."""
    dataset = ""
    for line in lines:
        if line.startswith("## "):
            dataset = _typed(line[3:])
        cells = [_typed(cell.strip()) for cell in COLUMN.split(line.strip("|"))]
        if line.startswith("| ") and len(cells) > 4:  # noqa: PLR2004 - names, then best and mean
            yield (dataset, cells[1], cells[2], cells[3], cells[4].partition(" [")[0])


def _typed(markdown: str) -> str:
    """Return text as it was before it was escaped for Markdown."""
    return ESCAPED.sub(r"\1", markdown)


if __name__ == "__main__":
    sys.exit(main(Path(__file__).resolve().parent))
