"""Which pictures were meant, and what a network says of each."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import torch
from torch import Tensor

from cxv.data.archives import DataError
from cxv.data.pictures import pictures_in
from cxv.errors import UserError
from cxv.training.classifier import Answer, Classifier
from cxv.training.evaluation import EVALUATION_BATCH

STANDARD_INPUT = "-"


def listed(named: Sequence[str], lines: Iterable[str]) -> Iterator[str]:
    """Yield the paths of pictures, in the order in which they are named.

    Args:
        named: paths of pictures, of folders of them, or ``-`` for the paths in ``lines``.
        lines: a path a line.

    Raises:
        UserError: nothing is named, or a folder holds no picture.
    """
    if not named:
        raise UserError("no image: name images, folders of them, or - for paths from elsewhere")
    for name in named:
        if name == STANDARD_INPUT:
            yield from filter(None, (line.rstrip("\r\n") for line in lines))
        elif Path(name).is_dir():
            yield from map(str, pictures_in(Path(name)))
        else:
            yield name


def predict(
    trained: Classifier, paths: Iterator[str], top: int, faults: list[str]
) -> Iterator[tuple[str, list[Answer]]]:
    """Yield the path of each picture and its ``top`` most probable classes, the best first.

    A picture that cannot be read is left out; ``faults`` gets a line that says why.
    """
    while group := list(islice(paths, EVALUATION_BATCH)):
        if read := list(_read(trained, group, faults)):
            names, pixels = zip(*read, strict=True)
            yield from zip(names, trained.answers(torch.cat(pixels), top), strict=True)


def _read(
    trained: Classifier, paths: Iterable[str], faults: list[str]
) -> Iterator[tuple[str, Tensor]]:
    for path in paths:
        try:
            yield path, trained.pixels([path])
        except DataError as error:
            faults.append(str(error))
