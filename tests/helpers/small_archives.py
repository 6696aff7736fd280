"""Archives in the official layouts, of windows cut from two photographs that scikit-learn brings.

They stand in where CXV_MIRROR names no folder with real ones: names, orders, formats and members
are the official ones, but for the pixels and the names of most classes.
"""

import io
import pickle
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PIL import Image
from sklearn.datasets import load_sample_images

CIFAR10_CLASSES = ["airplane", "automobile", *(f"class_{number}" for number in range(2, 10))]
CIFAR100_CLASSES = ["apple", "aquarium_fish", *(f"fine_{number:02}" for number in range(2, 100))]
WNIDS = ["n01443537", *(f"n{1_500_000 + 7 * number:08}" for number in range(199))]
GREY = 40  # of the images of Tiny ImageNet, every how many-th has one channel


def write_all(folder: Path) -> None:
    """Write CIFAR-10 (20 and 2 a class), CIFAR-100 (3 and 1) and Tiny ImageNet (3 and 1)."""
    folder.mkdir(parents=True)
    draws = np.random.default_rng(0)
    tar(folder / "cifar-10-python-small.tar.gz", "cifar-10-batches-py", cifar10(draws))
    tar(folder / "cifar-100-python-small.tar.gz", "cifar-100-python", cifar100(draws))
    with zipfile.ZipFile(folder / "tiny-imagenet-200-small.zip", "w") as archive:
        for name, content in tiny_imagenet(draws).items():
            archive.writestr(f"tiny-imagenet-200/{name}", content)


def cifar10(draws: np.random.Generator) -> dict[str, bytes]:
    """Return the seven files; labels are mixed, as in the official ones."""
    meta = {"num_cases_per_batch": 40, "label_names": CIFAR10_CLASSES, "num_vis": 3072}
    train = mixed(draws, classes=10, each=20).reshape(5, 40)
    batches = {f"data_batch_{number}": labels for number, labels in enumerate(train, start=1)}
    batches["test_batch"] = mixed(draws, classes=10, each=2)
    files = {
        name: {"batch_label": name, "labels": labels.tolist(), "data": flat(draws, len(labels))}
        for name, labels in batches.items()
    }
    return pickled(files | {"batches.meta": meta})


def cifar100(draws: np.random.Generator) -> dict[str, bytes]:
    """Return the three files, with both kinds of labels."""
    meta = {
        "fine_label_names": CIFAR100_CLASSES,
        "coarse_label_names": [f"coarse_{number:02}" for number in range(20)],
    }
    files: dict[str, dict[str, object]] = {"meta": meta}
    for name, each in {"train": 3, "test": 1}.items():
        fine = mixed(draws, classes=100, each=each)
        labels = {"fine_labels": fine.tolist(), "coarse_labels": (fine % 20).tolist()}
        files[name] = {"batch_label": name, "data": flat(draws, len(fine)), **labels}
    return pickled(files)


def tiny_imagenet(draws: np.random.Generator) -> dict[str, bytes]:
    """Return the files without the test images, which have no labels; wnids are not sorted."""
    files, notes = {}, []
    for label, wnid in enumerate(WNIDS):
        for number in range(3):
            grey = (3 * label + number) % GREY == 0
            files[f"train/{wnid}/images/{wnid}_{number}.JPEG"] = jpeg(draws, grey=grey)
        files[f"val/images/val_{label}.JPEG"] = jpeg(draws)
        notes.append(f"val_{label}.JPEG\t{wnid}\t0\t0\t62\t62\n")
    words = [f"{wnid}\tclass of {wnid}, synonym\n" for wnid in WNIDS[1:]]
    texts = {
        "wnids.txt": "\n".join(WNIDS[::-1]),
        "words.txt": "".join(["n01443537\tgoldfish, Carassius auratus\n", *words]),
        "val/val_annotations.txt": "".join(notes),
    }
    return {name: text.encode() for name, text in texts.items()} | files


PHOTOGRAPHS = load_sample_images().images


def windows(draws: np.random.Generator, count: int, side: int) -> list[np.ndarray]:
    """Cut squares of ``side`` pixels at random places, (side, side, 3) each."""
    found = []
    for number in range(count):
        photograph = PHOTOGRAPHS[number % len(PHOTOGRAPHS)]
        top, left = (draws.integers(size - side) for size in photograph.shape[:2])
        found.append(photograph[top : top + side, left : left + side])
    return found


def flat(draws: np.random.Generator, count: int) -> np.ndarray:
    """Return images as CIFAR has them: (count, 3072), the planes of red, green and blue."""
    return np.stack([window.transpose(2, 0, 1).ravel() for window in windows(draws, count, 32)])


def jpeg(draws: np.random.Generator, *, grey: bool = False) -> bytes:
    (window,) = windows(draws, 1, 64)
    buffer = io.BytesIO()
    Image.fromarray(window).convert("L" if grey else "RGB").save(buffer, "JPEG")
    return buffer.getvalue()


def mixed(draws: np.random.Generator, *, classes: int, each: int) -> np.ndarray:
    return draws.permutation(np.repeat(np.arange(classes), each))


def pickled(files: Mapping[str, object]) -> dict[str, bytes]:
    return {name: pickle.dumps(content, protocol=2) for name, content in files.items()}


def tar(path: Path, base: str, files: Mapping[str, bytes]) -> None:
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(f"{base}/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
