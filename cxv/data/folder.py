"""Own photos as planning sees them: without torch, and without opening one."""

import hashlib
from pathlib import Path

from cxv.config.spec import Dataset

PARTS = ("train", "test")
MISSING = "missing"


def state(dataset: Dataset) -> str:
    """Return a digest of what the photos of an ``image_folder`` are called, weigh and date from.

    Returns:
        Hexadecimal digits; "missing" where there are no photos to read, for planning to go on and
        ``cxv fetch`` to say what it lacks; "" for sources whose bytes are official.
    """
    if dataset.path is None:  # it goes with image_folder alone
        return ""
    root = Path(dataset.path)
    try:
        files = sorted(file for part in PARTS for file in root.glob(f"{part}/[!.]*/[!.]*"))
        known = [(file.relative_to(root).as_posix(), file.stat()) for file in files]
    except OSError:
        return MISSING
    lines = [f"{name}\t{stat.st_size}\t{stat.st_mtime_ns}\n" for name, stat in known]
    return hashlib.sha256("".join(lines).encode()).hexdigest() if lines else MISSING
