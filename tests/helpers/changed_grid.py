"""The samples' settings, of digits and of ResNet-18 alone, changed; and what is found of them."""

from pathlib import Path

import samples

from cxv.config.grid import Params
from cxv.jobs.check import faults

DIGITS = "digits: {source: digits}"


def grid(root: Path, *changes: tuple[str, str]) -> Params:
    """Return the samples' settings, of digits and of ResNet-18 alone, changed."""
    text = samples.GRID.partition("    runs:\n")[0]
    text += "    runs:\n      - {datasets: [digits], models: [resnet18], recipes: [adamw]}\n"
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return samples.grid(root, text)


def fault_keys(params: Params) -> list[str]:
    return [f"{'.'.join(map(str, key))}: {said.partition(':')[0]}" for key, said in faults(params)]
