"""The fingerprint moves with the code that a number depends on, and with nothing else."""

import shutil
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from cxv import fingerprint as subject

Edit = Callable[[str, str, str], None]

FILES = {
    "__init__.py": "",
    "layers.py": '''
        """Parts."""
        import math

        SCALE = 2
        UNUSED = 3

        def norm(x):
            """Divide."""
            return x / SCALE  # by the scale

        def other(x):
            return math.sqrt(x)
    ''',
    "models.py": """
        from cxv.layers import norm
        from cxv import layers

        class Net:
            def forward(self, x):
                return norm(x)

        ROW = Net()
        OTHER_ROW = layers.other(4)
    """,
}


@pytest.fixture
def edit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Edit:
    """Work on a small package in place of the project's; return a function that edits it."""
    package = tmp_path / "cxv"
    package.mkdir()
    for name, text in FILES.items():
        (package / name).write_text(textwrap.dedent(text))
    monkeypatch.setattr(subject, "ROOT", tmp_path)

    def replace(file: str, old: str, new: str) -> None:
        text = (package / file).read_text()
        assert old in text
        (package / file).write_text(text.replace(old, new))
        forget()

    forget()
    yield replace
    monkeypatch.undo()
    forget()
    shutil.rmtree(package)


def forget() -> None:
    for cached in (subject.fingerprint, subject._look_up, subject._source, subject._file):
        cached.cache_clear()


@pytest.mark.parametrize(
    ("file", "old", "new", "moves"),
    [
        ("layers.py", "# by the scale", "# halved", False),
        ("layers.py", '"""Divide."""', '"""Halve."""', False),
        ("layers.py", "return x / SCALE", "return (x /\n            SCALE)", False),
        ("layers.py", "UNUSED = 3", "UNUSED = 4", False),
        ("layers.py", "return math.sqrt(x)", "return x", False),
        ("models.py", "OTHER_ROW = layers.other(4)", "OTHER_ROW = 1\nTHIRD = 2", False),
        ("layers.py", "SCALE = 2", "SCALE = 4", True),
        ("layers.py", "return x / SCALE", "return x * SCALE", True),
        ("models.py", "return norm(x)", "return norm(norm(x))", True),
    ],
)
def test_only_code_that_the_entry_names_moves_it(
    edit: Edit, file: str, old: str, new: str, moves: bool
) -> None:
    before = subject.fingerprint("cxv.models:ROW")
    edit(file, old, new)
    assert (subject.fingerprint("cxv.models:ROW") != before) == moves


def test_a_module_that_is_named_counts_whole(edit: Edit) -> None:
    before = subject.fingerprint("cxv.models:OTHER_ROW")
    edit("layers.py", "UNUSED = 3", "UNUSED = 4")
    assert subject.fingerprint("cxv.models:OTHER_ROW") != before


def test_an_unknown_entry_is_refused(edit: Edit) -> None:
    with pytest.raises(LookupError, match=r"cxv\.models:NONE"):
        subject.fingerprint("cxv.models:NONE")


def test_one_model_does_not_depend_on_another_mixer() -> None:
    forget()
    cpv = subject.fingerprint("cxv.models.xformer:CPV")
    cnv = subject.fingerprint("cxv.models.xformer:CNV")
    assert cpv != cnv
