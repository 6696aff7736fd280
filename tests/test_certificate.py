"""The real command, killed at random moments: what is left does not differ by a byte.

``benchmarks/certificate.py`` does it for more models and as often as one likes.
"""

from pathlib import Path

import pytest

from benchmarks import certificate
from benchmarks.certificate import certify, links, prepared, same

pytestmark = pytest.mark.slow


def test_killed_trainings_leave_what_unharmed_ones_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(certificate, "MOST_KILLS", 2)
    runs = list(links(["cpv_small"]))
    hit, compared, differed = certify(prepared(tmp_path), runs, kills=3, seed=1)
    assert hit.total() >= 3
    assert (compared > 0, differed) == (True, 0)
    history = tmp_path / "killed1" / runs[0].id / "history.csv"
    history.write_text(history.read_text().replace("1,", "2,", 1))
    assert not same(tmp_path / "whole" / runs[0].id, history.parent)
