"""What starts hundreds of times loads nothing heavy; beside each check stands one that can fail."""

import subprocess
import sys

import pytest
from conftest import ROOT


def loaded(*statements: str) -> list[set[str]]:
    """Return the modules that a fresh Python holds after each statement."""
    code = "; ".join(["import sys", *(f"{x}; print(*sys.modules)" for x in statements)])
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return [set(line.split()) for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("heavy", "spared", "burdened"),
    [
        pytest.param(
            "torch",
            "import cxv.params, cxv.fingerprint, cxv.plan, cxv.slots, cxv.needs, cxv.__main__",
            "import cxv.train",
            id="planning a thousand runs",
        ),
        pytest.param(
            "torch",
            "import cxv.claims.names, cxv.report.claims, cxv.on_runs.listing",
            "import cxv.check; cxv.check.zoo.describe('cpv')",
            id="judging the paper",
        ),
        pytest.param(
            "torch",
            "import cxv.report.tables, cxv.report.exports, cxv.report.rendering",
            "import cxv.data.tensors",
            id="tables and reports",
        ),
        pytest.param(
            "torch",
            "import cxv.statistics, cxv.verdicts",
            "import cxv.verdicts, cxv.data.tensors",
            id="verdicts",
        ),
        pytest.param(
            "torch",
            "import cxv, cxv.zoo; cxv.list_models()",
            "import cxv; cxv.create_model('cpv', settings={'depth': 1, 'dim': 8})",
            id="listing models",
        ),
        pytest.param(
            "mlflow", "import cxv.tracking", "import cxv.tracking, mlflow", id="a training's start"
        ),
        pytest.param(
            "rich",
            "import snakemake_logger_plugin_cxv",
            "import snakemake_logger_plugin_cxv.display",
            id="every start of Snakemake",
        ),
    ],
)
def test_nothing_heavy_is_loaded_for(heavy: str, spared: str, burdened: str) -> None:
    before, after = loaded(spared, burdened)
    assert heavy not in before
    assert heavy in after
