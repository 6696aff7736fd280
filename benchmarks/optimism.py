"""Is the optimism that a report states that of images held out? ``python -m benchmarks.optimism``.

Networks of the study ``small`` train on 737 of scikit-learn's 1,797 digits. The other 1,060 are cut
at random into 360 on which an epoch is picked and 700 held out, 40 times. (With a fixed number of
epochs no weights depend on the cut; a second link is trained from every epoch that a cut picks.)
Measured: what ``cxv.results.optimism`` says of the 360 alone. Held out: the picked epoch's top-1 on
the 360 minus that on the 700. Both are means over the cuts of a seed, with 95 % intervals over
seeds, which have splits of their own. ``one run`` is the standard deviation of what is measured
between cuts.

With patience, a phase ends where the picking images say so: the one thing that a cut decides and
the measure takes as given. Trainings are kept in ``.bench/optimism``: 10 minutes on one core, and
a minute from then on.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from cxv.config.load import load
from cxv.config.spec import Run
from cxv.data.manifest import Manifest
from cxv.data.readers import digits
from cxv.data.sources import describe
from cxv.data.tensors import Images, Split
from cxv.records.atomic_files import replacing
from cxv.results.optimism import Right, chain_optimism, link_optimism, picked
from cxv.statistics import mean_over_seeds
from cxv.training.determinism import make_deterministic
from cxv.training.early_stopping import has_plateaued
from cxv.training.setup import network, prepare_training
from cxv.training.trainer import Learner, Weights, train_phase

TRAINED, PICKING, CUTS, PATIENCE, ALPHA = 737, 360, 40, 6, 0.05
CACHE = Path(".bench/optimism")


class Case(NamedTuple):
    """Epochs of AdamW and, if any, of SGD, of one model under several seeds."""

    model: str
    epochs: tuple[int, ...]
    seeds: int


CASES = (
    Case("resnet18_small", (8, 5), 10),
    Case("vit_small", (8,), 8),
    Case("cpv_small", (8,), 6),
    Case("resnet18_small", (40,), 5),
)


@dataclass(frozen=True)
class Chain:
    """The answers of every epoch to the 1,060 images."""

    first: Right
    second: Mapping[int, Right]  # by the epoch of the first link, from 0, that it began with

    def save(self, path: Path) -> None:
        """Write it, whole or not at all."""
        named = {f"{epoch}": right for epoch, right in self.second.items()}
        with replacing(path) as file:
            np.savez_compressed(file, allow_pickle=False, first=self.first, **named)

    @classmethod
    def load(cls, path: Path) -> "Chain":
        """Return what was saved."""
        with np.load(path) as file:
            second = {int(name): file[name] for name in file.files if name != "first"}
            return cls(file["first"], second)


def cuts(seed: int, images: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the picking images and those held out."""
    random = np.random.default_rng(seed)
    for _ in range(CUTS):
        order = random.permutation(images)
        yield order[:PICKING], order[PICKING:]


def divided(run: Run) -> tuple[Images, Manifest]:
    """Return the digits, divided at random by the run's seed, and what describes them."""
    source = digits()
    halves = (source.images.train, source.images.test)
    whole = Split(torch.cat([x.images for x in halves]), torch.cat([x.labels for x in halves]))
    order = torch.randperm(len(whole), generator=torch.Generator().manual_seed(run.seed))
    images = Images(whole.take(order[:TRAINED]), whole.take(order[TRAINED:]))
    return images, describe(run.dataset, replace(source, images=images))


def link(
    run: Run, images: Images, facts: Manifest, start: Weights | None
) -> tuple[Right, list[Weights]]:
    """Train a link by the project's own loop; return the answers and weights of every epoch."""
    model, kept = network(run, facts, start), list[Weights]()
    setup, _ = prepare_training(run, images, facts, torch.device("cpu"))

    def keep(_: object) -> None:
        kept.append({name: value.clone() for name, value in model.state_dict().items()})

    answers = train_phase(Learner(model, setup), listeners=[keep]).answers.numpy()
    return np.unpackbits(answers, axis=1, count=len(images.test)).astype(bool), kept


def chain(run: Run) -> Chain:
    """Train a run's first link, and a second from every epoch that some cut picks."""
    images, facts = divided(run)
    first, weights = link(run.chain[0], images, facts, None)
    if len(run.phases) == 1:
        return Chain(first, {})
    wanted = {picked(first[:, some]) for some, _ in cuts(run.seed, first.shape[1])}
    second = {epoch: link(run, images, facts, weights[epoch])[0] for epoch in sorted(wanted)}
    return Chain(first, second)


def of_model(model: str) -> Run:
    """Return the run of params.yaml that lends its model and phases."""
    small = load(Path("params.yaml")).runs("small")
    return small[f"digits/{model}/base/s0/adamw_demo/sgd_demo"]


def chains(case: Case) -> Iterator[tuple[int, Chain]]:
    """Yield the chain of every seed, trained now or before."""
    run = of_model(case.model)
    phases = tuple(
        phase.model_copy(update={"patience": None, "max_epochs": epochs})
        for phase, epochs in zip(run.phases, case.epochs, strict=False)
    )
    for seed in range(case.seeds):
        path = CACHE / f"{case.model}_{'_'.join(map(str, case.epochs))}_{seed}.npz"
        if not path.exists():
            chain(run.model_copy(update={"seed": seed, "phases": phases})).save(path)
        yield seed, Chain.load(path)


def excess(right: Right, picking: np.ndarray, fresh: np.ndarray) -> float:
    """Return by how much the picked epoch is better on the images that picked it."""
    best = right[picked(right[:, picking])]
    return float(best[picking].mean() - best[fresh].mean())


def one_link(found: Chain, picking: np.ndarray, fresh: np.ndarray) -> tuple[float, float]:
    """Return what is measured of the first link, and what is held out."""
    return link_optimism(found.first[:, picking]), excess(found.first, picking, fresh)


def with_patience(found: Chain, picking: np.ndarray, fresh: np.ndarray) -> tuple[float, float]:
    """Return the same, the link ended by its patience on the picking images."""
    top1 = list(found.first[:, picking].mean(axis=1))
    ends = (end for end in range(1, len(top1)) if has_plateaued(top1[:end], PATIENCE))
    shorter = found.first[: next(ends, len(top1))]
    return link_optimism(shorter[:, picking]), excess(shorter, picking, fresh)


def two_links(found: Chain, picking: np.ndarray, fresh: np.ndarray) -> tuple[float, float]:
    """Return what is measured of the chain, and what is held out."""
    second = found.second[picked(found.first[:, picking])]
    links = [found.first[:, picking], second[:, picking]]
    return chain_optimism(links), excess(second, picking, fresh)


def last_link(found: Chain, picking: np.ndarray, fresh: np.ndarray) -> tuple[float, float]:
    """Return the part of the second link's own pick, which is over the mean of its epochs."""
    second = found.second[picked(found.first[:, picking])]
    own = excess(second, picking, fresh) - mean_excess(second, picking, fresh)
    return link_optimism(second[:, picking]), own


def first_link(found: Chain, picking: np.ndarray, fresh: np.ndarray) -> tuple[float, float]:
    """Return the part of the first link's pick, which all epochs of the second have."""
    second = found.second[picked(found.first[:, picking])]
    kept = two_links(found, picking, fresh)[0] - link_optimism(second[:, picking])
    return kept, mean_excess(second, picking, fresh)


def mean_excess(right: Right, picking: np.ndarray, fresh: np.ndarray) -> float:
    """Return by how much epochs are better on the picking images, on average."""
    return float(right[:, picking].mean() - right[:, fresh].mean())


def line(case: Case, words: str, ways: object) -> None:
    """Print what one way of measuring gives, in percentage points."""
    found: dict[int, np.ndarray] = {}
    for seed, one in chains(case):
        pairs = [ways(one, *cut) for cut in cuts(seed, one.first.shape[1])]  # type: ignore[operator]
        found[seed] = 100 * np.array(pairs)
    said = []
    for weights in ((1, 0), (0, 1), (1, -1)):  # measured, held out, their difference
        means = {seed: float((x @ np.array(weights)).mean()) for seed, x in found.items()}
        estimate = mean_over_seeds(means)
        interval = estimate and estimate.interval(ALPHA)
        if not (estimate and interval):
            raise ValueError("a case has seeds")
        said.append(f"{estimate.mean:6.2f} [{interval.low:5.2f}, {interval.high:5.2f}]")
    spread = np.mean([x[:, 0].std(ddof=1) for x in found.values()])
    print(f"{case.model:15} {words:18} {case.seeds:3}  {'  '.join(said)} {spread:8.2f}", flush=True)


def main() -> None:
    """Print a line for each case and way of measuring."""
    make_deterministic(1)
    print(f"{'':38}  {'measured':21} {'held out':21} {'difference':22} one run")
    for case in CASES:
        line(case, f"{case.epochs[0]} epochs", one_link)
        if case.epochs[0] > 4 * PATIENCE:
            line(case, f"{case.epochs[0]}, patience {PATIENCE}", with_patience)
        if len(case.epochs) > 1:
            line(case, "+ ".join(f"{x} " for x in case.epochs) + "(SGD)", two_links)
            line(case, "  by its first pick", first_link)
            line(case, "  by its last pick", last_link)


if __name__ == "__main__":
    main()
