"""A compiled network learns as the one that it was compiled from, dropout and all."""

import subprocess
import sys

import pytest
from shared_fixtures import ROOT
from trained import first, training

from cxv.config.spec import Run


@pytest.mark.slow
def test_a_compiled_network_with_dropout_descends_along_its_gradient_and_scores_the_same(
    run: Run,
) -> None:
    shallow = run.model.model_copy(update={"set": {**run.model.set, "depth": 1}})
    spec = training(first(run), compile=True).model_copy(update={"model": shallow})
    command = [sys.executable, "-W", "ignore", ROOT / "tests/helpers/compiled.py", spec.canonical()]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
