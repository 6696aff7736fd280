"""All randomness flows from a run's seed, named by its purpose."""

import hashlib


def seed_for(seed: int, purpose: str, link: int) -> int:
    """Return an independent seed for one purpose in one link of a run."""
    digest = hashlib.sha256(f"{seed}/{purpose}/{link}".encode()).digest()
    return int.from_bytes(digest[:7], "big")
