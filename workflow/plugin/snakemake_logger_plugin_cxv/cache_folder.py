"""Where Snakemake keeps copies of the sources that it reads."""

import os
from collections.abc import MutableMapping
from pathlib import Path


def offer_cache(environment: MutableMapping[str, str], own: Path) -> None:
    """Name folders in ``own`` where the user's cache cannot be written.

    Snakemake ends with a traceback without one, say in a container whose home folder is read-only.
    The store of finished jobs is then where ``cxv.records.store`` looks for it in any case.
    """
    home = environment.get("HOME") or str(Path.home())
    cache = Path(environment.get("XDG_CACHE_HOME") or Path(home, ".cache"), "snakemake")
    try:
        cache.mkdir(parents=True, exist_ok=True)
        writable = os.access(cache, os.W_OK)
    except OSError:
        writable = False
    if not writable:
        environment["XDG_CACHE_HOME"] = str(own.absolute() / "cache")
        environment["CXV_STORE"] = environment.get("CXV_STORE") or str(own.absolute() / "store")
