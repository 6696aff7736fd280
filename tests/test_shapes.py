"""While tests run, shapes are checked wherever code states them."""

import re

import pytest
import torch
from jaxtyping import TypeCheckError
from shared_fixtures import ROOT

from benchmarks.mutants.plugin import checked
from cxv.training.evaluation import Scores

PACKAGES, CHECKER = checked()
STATES = re.compile(r"^from (jaxtyping|cxv\.networks\.shapes) import", re.MULTILINE)


def test_whatever_states_shapes_is_checked() -> None:
    stating = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path in (ROOT / "cxv").rglob("*.py")
        if STATES.search(path.read_text())
    }
    covered = {x for x in stating for package in PACKAGES if f"{x}.".startswith(f"{package}.")}
    assert stating == covered
    assert CHECKER == "beartype.beartype"


def test_a_wrong_shape_is_refused() -> None:
    three, four = torch.zeros(3, dtype=torch.int64), torch.zeros(4)
    with pytest.raises(TypeCheckError, match="log_probability"):
        Scores(predicted=three, log_probability=four, top1=0.0, loss=0.0)
