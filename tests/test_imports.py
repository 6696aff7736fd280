"""Commands that start hundreds of times import nothing heavy; each check has one that can fail."""

import subprocess
import sys

import pytest
from shared_fixtures import ROOT


def loaded(*statements: str) -> list[set[str]]:
    """Return the modules that a fresh Python holds after each statement."""
    code = "; ".join(["import sys", *(f"{x}; print(*sys.modules)" for x in statements)])
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return [set(line.split()) for line in done.stdout.splitlines()]


pytestmark = pytest.mark.slow
WITHOUT_TORCH = {
    "verdicts": "import cxv.statistics, cxv.paper.verdict_rules",
    "judging the paper": ("import cxv.paper.names, cxv.report.sections.claims, cxv.paper.listing"),
    "tables and reports": "import cxv.results.table, cxv.report.exports, cxv.report.rendering",
    "planning a thousand runs": (
        "import cxv.config.load, cxv.records.code_hash, cxv.cli.plan, cxv.gpus.queue;"
        " import cxv.gpus.memory_estimate, cxv.__main__;"
        " import cxv.cli.prospects, cxv.jobs.claims, cxv.paper.load_claims"
    ),
    "what is stale and what differs": "import cxv.cli.stale, cxv.cli.diff",
    "listing models": "import cxv, cxv.networks.registry; cxv.list_models()",
}


def test_torch_is_not_loaded_before_a_network_is_built() -> None:
    built = "import cxv; cxv.create_model('cpv', settings={'depth': 1, 'dim': 8})"
    *spared, burdened = loaded(*WITHOUT_TORCH.values(), built)
    assert [kind for kind, x in zip(WITHOUT_TORCH, spared, strict=True) if "torch" in x] == []
    assert "torch" in burdened


@pytest.mark.parametrize(
    ("heavy", "spared", "burdened"),
    [
        pytest.param(
            "mlflow",
            "import cxv.tracking.live",
            "import cxv.tracking.live, mlflow",
            id="a training's start",
        ),
        pytest.param(
            "cxv.profiling",
            "import cxv.training.run, cxv.gpus.devices, cxv.gpus.memory_estimate",
            "import cxv.profiling",
            id="a training's device",
        ),
        pytest.param(
            "scipy.stats",
            "import cxv.config.load, cxv.jobs.check, cxv.results.lookup",
            "from cxv.statistics import differences; differences.interval_of_images(1, 2, 0.05)",
            id="a plan",
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


OTHERS = (
    *("dvc", "filelock", "fvcore", "jaxtyping", "jinja2", "markupsafe", "matplotlib", "mlflow"),
    *("PIL", "requests", "rich", "sklearn", "scipy", "snakemake", "torchvision", "yaml"),
)


@pytest.mark.parametrize("also", ["", "einops"])
def test_a_network_is_built_and_computes_where_only_torch_einops_and_pydantic_are(
    also: str,
) -> None:
    code = f"""
import sys
sys.modules |= dict.fromkeys({(*OTHERS, also)!r})
import cxv, torch
for name in cxv.list_models():
    network = cxv.create_model(name).eval()
    if name == "cpv":
        assert network(torch.zeros(1, 3, 32, 32)).shape == (1, 10)
"""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    assert (done.returncode == 0) == (not also), done.stderr
