"""Which images of the selecting split the weights of each epoch answer rightly, a bit an answer.

1.25 kB an epoch for the 10,000 test images of CIFAR-10. A second run leaves the same bytes.
"""

from pathlib import Path

import numpy as np
from jaxtyping import Bool, UInt8

from cxv.records.atomic_files import replacing

Right = Bool[np.ndarray, "epochs images"]


def save_answers(path: Path, packed: UInt8[np.ndarray, "epochs bytes"], images: int) -> None:
    """Write the answers of all epochs, first to last; there may be none.

    Args:
        path: the file.
        packed: of each epoch what ``numpy.packbits`` makes of its answers, in the split's order.
        images: of the split; of the last byte of an epoch some bits may stand for no image.
    """
    with replacing(path) as file:
        np.savez_compressed(file, packed=packed, images=np.int64(images))


def load_answers(path: Path) -> Right:
    """Return whether each epoch answers each image rightly.

    Raises:
        OSError, KeyError, ValueError, zipfile.BadZipFile: it is missing, or no such file.
    """
    with np.load(path) as file:
        packed, images = file["packed"], int(file["images"])
    if packed.ndim != 2 or packed.shape[1] != -(-images // 8):  # noqa: PLR2004 - a table
        raise ValueError(f"{path}: {packed.shape} bytes for {images} images")
    return np.unpackbits(packed, axis=1, count=images).astype(bool)
