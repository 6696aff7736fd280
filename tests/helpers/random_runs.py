"""A trained run one of whose files is not as it was written, and command lines typed in part."""

import contextlib
import io
import json
import shutil
from pathlib import Path
from typing import Any

import torch
from hypothesis import strategies as st
from random_files import refused
from random_values import ODD, Draw, around, damaged, edited
from shared_fixtures import ROOT, digits_spec
from trained import Silent, first, outputs, small

import cxv
from cxv.__main__ import VERBS, main
from cxv.config.load import load
from cxv.data.sources import fetch
from cxv.errors import UserError
from cxv.records.run import RECORD, RunRecord
from cxv.records.seal import sealed
from cxv.training import run as training_run

MANIFEST = "manifest.json"


class TrainedRun:
    """A folder of a run that took a second, with the manifest of its dataset."""

    def __init__(self, folder: Path) -> None:
        self.sound = folder / "sound"
        images, manifest = folder / "images.pt", folder / MANIFEST
        fetch(digits_spec(), images=images, manifest=manifest, downloads=folder, mirror=None)
        spec = load(ROOT / "params.yaml").runs("small")[RUN]
        run = first(small(spec.model_copy(update={"dataset": digits_spec()})), max_epochs=1)
        live, training_run.Live = training_run.Live, Silent  # type: ignore[misc]
        training_run.train(
            run,
            images=images,
            manifest=manifest,
            before=None,
            out=outputs(self.sound),
            shown=training_run.Shown("tests", self.sound / RECORD),
            code="none",
            device=torch.device("cpu"),
            unfinished=training_run.Unfinished(folder / "unfinished", 300.0),
        )
        training_run.Live = live  # type: ignore[misc]
        shutil.copy(manifest, self.sound)
        self.contents = {path.name: path.read_bytes() for path in sorted(self.sound.iterdir())}

    def case(self) -> st.SearchStrategy[tuple[str, bytes]]:
        """Return a strategy of one file: damaged, or other values with a seal of their own."""
        return st.sampled_from([*self.contents]).flatmap(
            lambda name: st.tuples(
                st.just(name),
                st.one_of(damaged(self.contents[name]), _resealed(self.contents[name]))
                if name.endswith(".json")
                else damaged(self.contents[name]),
            )
        )

    def outcome(self, case: tuple[str, bytes], folder: Path) -> str:
        """Tell whether a run with another file is used, or refused by the file's name."""
        name, content = case
        shown = folder / "shown"
        shutil.rmtree(shown, ignore_errors=True)
        shutil.copytree(self.sound, shown)
        (shown / name).write_bytes(content)
        try:
            RunRecord.read(shown / RECORD).prove(shown)
            classifier: Any = cxv.load(shown)
            classifier.network(torch.zeros(2, 3, 8, 8))
        except UserError as error:
            return refused(error, str(shown))
        # JSON may be laid out otherwise, or be sealed again; no other byte may differ.
        assert name.endswith(".json") or content == self.contents[name], f"{name} was altered"
        return "used"


RUN = "digits/cpv_small/base/s0/adamw_demo/sgd_demo"


@st.composite
def _resealed(draw: Draw, content: bytes) -> bytes:
    """Return a record with other values, sealed again."""
    values = json.loads(content)
    del values["seal"]
    values = draw(edited(values))
    values = draw(around(values, 100))
    try:
        return sealed(json.dumps(values)).encode()
    except TypeError:  # no object is left
        return json.dumps(values).encode()


@st.composite
def command(draw: Draw) -> list[str]:
    """Return a command line: a verb, its options or others, and words that mean nothing."""
    verbs = [verb.__name__ for group in VERBS.values() for verb in group]
    typed = [draw(st.sampled_from([*verbs, "", "--help", "-x"]))]
    for _ in range(draw(st.integers(0, 4))):
        typed.append(draw(st.one_of(st.sampled_from(WORDS), st.text(max_size=5))))
    return typed


WORDS = (
    *("--params", "--results", "--json", "--out", "--top", "--data", "--paper", "--code"),
    *("nothing.yaml", "params.yaml", "no/such/folder", ".", "", "-", "demo", "all"),
    *(str(value) for value in ODD if "\0" not in str(value)),
    *("{}", "[]", "null", '{"name": 1}', '{"model": {}}', "digits/x/y/s0", "HEAD", "-1", "1e400"),
)


def typed_in(words: list[str], folder: Path) -> str:
    """Tell how a command ends in an empty folder: with an exit code, and no traceback."""
    empty = folder / "empty"
    shutil.rmtree(empty, ignore_errors=True)
    empty.mkdir()
    said = io.StringIO()
    with (
        contextlib.chdir(empty),
        contextlib.redirect_stdout(said),
        contextlib.redirect_stderr(said),
    ):
        try:
            code = main(words)
        except SystemExit as stop:
            code = int(stop.code or 0)
    return f"exit code {code}"
