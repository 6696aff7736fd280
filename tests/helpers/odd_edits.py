"""What ``check`` says of edits of a small params.yaml, by kind: ``odd_edits.yaml``.

``python tests/helpers/odd_edits.py > said.json`` asks the code on PYTHONPATH, which may be older;
``python tests/helpers/odd_edits.py before.json after.json`` prints both as a table.
"""

import json
import logging
import multiprocessing
import resource
import sys
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import torch
import yaml

from cxv.config import load
from cxv.errors import UserError
from cxv.jobs import check

try:
    from cxv.jobs import odd_settings
except ImportError:  # older code, which warned of nothing
    odd_settings = None

EDITS = Path(__file__).with_suffix(".yaml")
BASE: Mapping[str, Any] = {
    "study": "demo",
    "seeds": [0],
    "profile_batch": 8,
    "training": {
        "select_on": "test",
        "validation_fraction": None,
        "autocast_cuda": "auto",
        "autocast_cpu": "float32",
        "cpu_threads": 1,
        "memory": "fused",
    },
    "datasets": {"digits": {"source": "digits"}},
    "models": {"net": {"zoo": "cltv", "set": {"dim": 32, "depth": 2}}},
    "variants": {"base": {}},
    "phases": {
        "one": {
            "optimizer": {"name": "AdamW", "lr": 0.001},
            "batch": 64,
            "patience": 3,
            "max_epochs": 8,
        }
    },
    "recipes": {"one": ["one"]},
    "studies": {
        "demo": {
            "title": "A study",
            "runs": [{"datasets": ["digits"], "models": ["net"], "recipes": ["one"]}],
        }
    },
}
RESNET = {"zoo": "resnet18", "set": {"width": 8}}
MOST_SECONDS = 120
MOST_BYTES = 16 << 30
LONGEST = 160
"""Letters of a message in the table."""


def samples() -> Iterator[tuple[str, dict[str, Any], str]]:
    """Yield a kind, an edit and what is expected of it."""
    for kind, edits in yaml.safe_load(EDITS.read_text()).items():
        for edit, expected in edits:
            yield kind, edit, expected


def edited(edit: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings with values under dotted keys replaced."""
    tree: dict[str, Any] = deepcopy(dict(BASE))
    for dotted, value in edit.items():
        *path, last = dotted.split(".")
        holder = tree
        for key in path:
            holder = holder.setdefault(key, {})
        holder[last] = value
    return tree


def said_of(edit: Mapping[str, Any], folder: Path) -> tuple[str, str]:
    """Return how an edit ends, and what is said: refused, warned, passes, or a traceback."""
    path = folder / "params.yaml"
    path.write_text(yaml.safe_dump(edited(edit), allow_unicode=True, sort_keys=False))
    try:
        params = load.load(path, also=check.faults)
    except UserError as error:
        return "refused", str(error).replace(f"{folder}/", "")
    except Exception as error:
        return "traceback", f"{type(error).__name__}: {error}"
    if odd_settings is None:
        return "passes", ""
    lines = [
        line.replace(f"{folder}/", "")
        for line in load.placed(path, odd_settings.odd_settings(params))
    ]
    return ("warned" if lines else "passes"), "\n".join(lines)


def _answer(edit: Mapping[str, Any], folder: Path, pipe: Any) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    pipe.send(said_of(edit, folder))


def ask_all() -> list[tuple[str, str]]:
    """Return how each edit ends, each in a process of its own, so that none stops the others."""
    torch.set_num_threads(1)
    found = []
    context = multiprocessing.get_context("fork")
    with tempfile.TemporaryDirectory() as name:
        said_of({}, Path(name))  # what is imported now is not imported by each process
        said_of({"phases.one.batch": 1436, "models.net": RESNET}, Path(name))
        for _, edit, _ in samples():
            ours, theirs = context.Pipe(duplex=False)
            process = context.Process(target=_answer, args=(edit, Path(name), theirs))
            process.start()
            theirs.close()
            answer = ("no answer", "within two minutes; it was stopped")
            try:
                if ours.poll(MOST_SECONDS):
                    answer = ours.recv()
            except EOFError:
                answer = ("no answer", "it was killed")
            process.kill()
            process.join()
            found.append(answer)
            sys.stderr.write(f"{len(found)} {answer[0]}\n")
    return found


def table(before: list[list[str]], after: list[list[str]]) -> str:
    """Return both as Markdown, a row for each edit."""
    lines = ["| kind | edit | before | after |\n|---|---|---|---|\n"]
    former = ""
    for (kind, edit, _), old, new in zip(samples(), before, after, strict=True):
        shown = ", ".join(f"{key}: {json.dumps(x, ensure_ascii=False)}" for key, x in edit.items())
        first = "" if kind == former else kind
        lines.append(f"| {first} | {_cell(shown)} | {_said(*old)} | {_said(*new)} |\n")
        former = kind
    return "".join(lines)


def _said(end: str, message: str) -> str:
    return f"{end}: {_cell(message)}" if message else end


def _cell(text: str) -> str:
    short = text if len(text) <= LONGEST else f"{text[:LONGEST].rpartition(' ')[0]} ..."
    return f"`{short}`".replace("|", "\\|").replace("\n", " ").replace("\0", "\\0")


if __name__ == "__main__":
    logging.disable()
    warnings.simplefilter("ignore")
    if sys.argv[1:]:
        sys.stdout.write(table(*(json.loads(Path(x).read_text()) for x in sys.argv[1:])))
    else:
        sys.stdout.write(json.dumps(ask_all(), indent=0))
