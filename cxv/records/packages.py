"""The packages whose versions a stamp names; readable without torch."""

from importlib.metadata import version

PACKAGES = ("torch", "torchvision", "pillow", "numpy", "einops", "fvcore")


def installed() -> dict[str, str]:
    """Return the version of each, as it is installed."""
    return {name: version(name) for name in PACKAGES}
