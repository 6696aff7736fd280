"""The real command, killed at random moments: what is left does not differ by a byte.

``benchmarks/certificate.py`` does it for more models and as often as one likes.
"""

from dataclasses import replace
from pathlib import Path

import prepared
import pytest

from benchmarks import certificate
from benchmarks.certificate import certify, links, same
from benchmarks.certificate import prepared as fetched
from cxv.config.spec import Dataset, PerClass

pytestmark = pytest.mark.slow

DIGITS = Dataset(name="digits", source="digits", per_class=PerClass(train=20, test=10))
"""Four steps an epoch."""


def test_killed_trainings_leave_what_unharmed_ones_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(certificate, "MOST_KILLS", 2)
    runs = list(links(["cpv_small"], DIGITS))
    bench = replace(
        fetched(tmp_path, DIGITS),
        python=str(prepared.programs() / "python"),
        process=prepared.Process,
    )
    hit, compared, differed = certify(bench, runs, kills=3, seed=1)
    assert hit.total() >= 3
    assert (compared > 0, differed) == (True, 0)
    history = tmp_path / "killed1" / runs[0].id / "history.csv"
    history.write_text(history.read_text().replace("1,", "2,", 1))
    assert not same(tmp_path / "whole" / runs[0].id, history.parent)
