"""What the help of a verb gives as examples; each is a command line that it accepts."""

from collections.abc import Mapping
from types import MappingProxyType

EXAMPLES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "check": ("check", "check --params other.yaml"),
        "plan": ("plan", "plan demo table1"),
        "show": ("show", "show demo", "show digits/resnet18/base/s0/demo_adamw --json"),
        "open": ("open", "open demo"),
        "claims": ("claims",),
        "diff": ("diff demo small", "diff HEAD~1 HEAD"),
        "verify": ("verify demo", "verify demo --weights --replay 5"),
        "trace": ("trace demo/digits/cltv_small/base/demo_dualopt/top1_mean",),
        "stale": ("stale", "stale demo --json"),
        "accept": (
            "accept results/runs/digits/cltv_small/base/s0/demo_adamw/metrics.json"
            ' --because "the disk was repaired"',
        ),
        "seal": ("seal data/paper",),
        "export": ("export demo", "export demo --out demo.zip --weights"),
        "latex_macros": ("latex-macros demo --out cxv_demo.tex",),
        "audit": ("audit paper.tex", "audit paper.tex --study demo"),
        "store": ("store", "store --prune 30"),
    }
)
