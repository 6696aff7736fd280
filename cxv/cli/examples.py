"""What the help of a verb gives as examples; each is a command line that it accepts."""

from collections.abc import Mapping
from types import MappingProxyType

RUN = "digits/vit_small/base/s0/adamw_demo"

EXAMPLES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "new_study": ("new-study heads",),
        "check": ("check", "check --params other.yaml"),
        "plan": ("plan", "plan demo small"),
        "show": ("show", "show demo", f"show {RUN} --json"),
        "status": ("status", "status demo --live", "status all --json"),
        "open": ("open", "open demo"),
        "claims": ("claims",),
        "diff": ("diff demo small", "diff HEAD~1 HEAD"),
        "predict": (f"predict {RUN} photos", f"predict {RUN} - --top 1 --json"),
        "export_network": (f"export-network {RUN} --format torch --out vit.pt2",),
        "card": (f"card {RUN}", f"card {RUN} --out MODEL_CARD.md"),
        "verify": ("verify demo", "verify demo --weights --replay 5"),
        "trace": ("trace demo/digits/vit_small/base/demo_dualopt/top1_mean",),
        "stale": ("stale", "stale demo --json"),
        "accept": (f'accept results/runs/{RUN}/metrics.json --because "the disk was repaired"',),
        "seal": ("seal data/paper",),
        "export": ("export demo", "export demo --out demo.zip --weights"),
        "latex_macros": ("latex-macros demo --out cxv_demo.tex",),
        "audit": ("audit paper.tex", "audit paper.tex --study demo"),
        "store": ("store", "store --prune 30"),
    }
)
