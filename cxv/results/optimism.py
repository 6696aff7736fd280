"""What a top-1 owes to its epoch having been picked on the very images that it is measured on.

A phase keeps the epoch with the best top-1 on the selecting split. Where this is the test split,
that top-1 is too high on average: the best of several numbers is partly luck with the images. By
how much is measured here, from the answers of every epoch to every image, without a training.

One link. Images are cut at random into two halves. The epoch is picked on one half, and its top-1
there minus that on the other half is, on average, the optimism of a pick on n/2 images, whatever
the epochs have in common. It is not yet that of n images: chance is in proportion to
1/sqrt(images), so that twice the images leave 1/sqrt(2) of it if epochs differ by chance alone, and
less, towards 1/2, the more their true top-1 differ: for normal spreads sigma/sqrt(n) and tau it is
in proportion to sigma^2/n / sqrt(tau^2 + sigma^2/n). So the same is done with quarters, and what
halves leave of quarters is taken for what all images leave of halves. That ratio is kept above 1/2
and below 1; a bound of 1/sqrt(2) would cut its noise on one side, and state too little.

A chain. An earlier link's weights were picked on the same images, and later ones begin with them.
So each earlier link adds its own optimism, times the share of it that the final answers keep: the
coefficient of the answers of its picked epoch in a linear regression of the final answers on these
and on the mean answers of all of its epochs. (What is common to all of its epochs was not picked.)

Limits. It is an average over choices of test images, not the luck of the ones at hand. How many
epochs there are is taken as given, though ``patience`` looked at the same images. The share kept is
a linear approximation. ``benchmarks/optimism.py`` holds it against images that were held out.
D29 in data/paper/README.md.
"""

import hashlib
import zipfile
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import combinations, permutations

import numpy as np
from jaxtyping import Bool, Float32, Int64

from cxv.records.answers import load_answers
from cxv.results.lookup import Gap, RunLookup

Right = Bool[np.ndarray, "_ images"]
"""Whether each epoch of a link answers each image of its selecting split rightly."""

Counts = Int64[np.ndarray, "draws epochs"]
"""How many images of one part each epoch answers rightly."""

DRAWS = 100
"""Cuts into four quarters; each gives three pairs of halves."""

QUARTERS = 4
LEAST_LEFT, MOST_LEFT = 1 / 2, 1
"""Of an optimism when there are twice the images."""

_MEASURED: dict[bytes, float] = {}
"""By SHA-256 of the answers: chains share their links, and a report follows on its table."""


def picked(right: Right) -> int:
    """Return the epoch with the best top-1, the earliest on a tie (D4), from 0."""
    return int(right.sum(axis=1).argmax())


def link_optimism(right: Right) -> float:
    """Return the optimism of the picked epoch's top-1 as a fraction of 1; of one epoch, 0.

    Raises:
        ValueError: fewer images than ``QUARTERS``.
    """
    epochs, images = right.shape
    if images < QUARTERS:
        raise ValueError(f"{images} images cannot be cut into {QUARTERS} quarters")
    if epochs <= 1:
        return 0.0
    key = hashlib.sha256(np.packbits(right, axis=1).tobytes() + repr(right.shape).encode()).digest()
    if key not in _MEASURED:
        _MEASURED[key] = _measured(right)
    return _MEASURED[key]


def _measured(right: Right) -> float:
    """Return the optimism from halves, scaled by what halves leave of quarters."""
    epochs, images = right.shape
    size = images // QUARTERS
    counts = _quarters(images) @ right.T.astype(np.float32)  # whole numbers: sums are exact
    quarters = counts.astype(np.int64).reshape(DRAWS, QUARTERS, epochs).swapaxes(0, 1)
    halves = [a + b for a, b in combinations(quarters, 2)]
    pairs = zip(halves, halves[::-1], strict=True)  # 01 with 23, 02 with 13, ...
    of_half = sum(_excess(pick, score) for pick, score in pairs) / (6 * DRAWS * 2 * size)
    of_quarter = sum(_excess(*two) for two in permutations(quarters, 2)) / (12 * DRAWS * size)
    ratio = of_half / of_quarter if of_quarter > 0 else LEAST_LEFT
    return of_half * min(max(ratio, LEAST_LEFT), MOST_LEFT)


def chain_optimism(links: Sequence[Right]) -> float:
    """Return the optimism of a chain's final top-1 as a fraction of 1.

    Args:
        links: first to last, on the same images; one without an epoch handed on its weights.

    Raises:
        ValueError: fewer images than ``QUARTERS``.
    """
    trained = [right for right in links if len(right)]
    if not trained:
        return 0.0
    *earlier, last = trained
    final = last[picked(last)]
    return link_optimism(last) + sum(
        link_optimism(right) * share_kept(right, final) for right in earlier
    )


def share_kept(right: Right, final: Bool[np.ndarray, " images"]) -> float:
    """Return how much of the luck of a link's picked epoch the final answers still have, 0 to 1."""
    ones = np.ones(right.shape[1])
    causes = np.stack([ones, right[picked(right)], right.mean(axis=0)], axis=1)
    coefficients: np.ndarray = np.linalg.lstsq(causes, final.astype(float))[0]
    return min(max(float(coefficients[1]), 0.0), 1.0)


def run_optimism(run: RunLookup, links: Mapping[str, RunLookup]) -> float | None:
    """Return the optimism of a run's test top-1 as a fraction of 1; None where it is not known.

    Args:
        run: the end of a chain.
        links: every run that was looked for, by id.
    """
    if run.spec.training.select_on != "test":
        return 0.0
    chain = [links.get(link.id) for link in run.spec.chain]
    answers = [read_right(link) if link else None for link in chain]
    found = [right for right in answers if right is not None]
    if len(found) < len(chain) or found[0].shape[1] < QUARTERS:
        return None
    return chain_optimism(found)


def read_right(run: RunLookup) -> Right | None:
    """Return the answers that a run left, unless they do not pick the epoch of its record."""
    if isinstance(run.record, Gap):
        return None
    try:
        right = load_answers(run.path.with_name("answers.npz"))
    except (OSError, KeyError, ValueError, zipfile.BadZipFile):
        return None
    outcome = run.record.outcome
    if outcome.selected_top1 is None:
        return right if len(right) == outcome.epochs == 0 else None
    if len(right) != outcome.epochs or picked(right) != outcome.best_epoch - 1:
        return None
    off = abs(float(right[picked(right)].mean()) - outcome.selected_top1)
    return right if off * right.shape[1] < 1 / 2 else None


def _excess(pick: Counts, score: Counts) -> int:
    """Return how many more images of ``pick`` its best epoch has right, summed over draws."""
    best = pick.argmax(axis=1)[:, None]
    return int(np.take_along_axis(pick - score, best, axis=1).sum())


@lru_cache(maxsize=2)
def _quarters(images: int) -> Float32[np.ndarray, "quarters images"]:
    """Return the images of each quarter of each draw; up to three are in none."""
    size, random = images // QUARTERS, np.random.default_rng(0)
    found = np.zeros((DRAWS, QUARTERS, images), dtype=np.float32)
    for draw in found:
        cut = random.permutation(images)[: QUARTERS * size].reshape(QUARTERS, size)
        np.put_along_axis(draw, cut, 1, axis=1)
    return found.reshape(DRAWS * QUARTERS, images)
