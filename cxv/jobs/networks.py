"""The code that a network is made of."""

from cxv.config.spec import Network, Profile, Run
from cxv.networks.registry import ABLATIONS, ZOO


def architecture(spec: Run | Profile | Network) -> tuple[str, ...]:
    """Return the entries of a network's row in the registry and of its edits."""
    return (ZOO[spec.model.zoo].entry, *(ABLATIONS[name] for name in spec.variant.edits))
