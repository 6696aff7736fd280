"""What a reader of a trained network wants to know before using it: a model card in Markdown."""

from collections.abc import Iterator
from pathlib import Path

from cxv.networks.registry import ZOO
from cxv.report.markdown import code, escape
from cxv.statistics import ALPHA, interval_of_images
from cxv.training.classifier import Classifier

NAMED = 20
"""Classes that a card names at most."""


def card(trained: Classifier, folder: Path) -> str:
    """Return the card of a network.

    Args:
        trained: the network.
        folder: of its run, as commands on the card name it.
    """
    run, facts = trained.spec, trained.facts
    return "\n".join(
        [
            f"# {escape(f'{run.model.name} on {run.dataset.name}')}",
            "",
            *_network(trained),
            "",
            "## Data",
            "",
            f"{sum(facts.train_images):,} training and {sum(facts.test_images):,} test images of"
            f" {trained.image_size} x {trained.image_size} pixels in {len(facts.classes)} classes"
            f" ({_classes(trained)}), from {_origin(trained)}.",
            *["These are not the official bytes."] * bool(facts.origin.differing),
            "",
            "## Numbers",
            "",
            *_numbers(trained),
            "",
            "## Use",
            "",
            "    import cxv",
            f'    trained = cxv.load("{folder.as_posix()}")',
            '    trained.probabilities(["image.png"])    # (1, classes)',
            "",
            f"    python -m cxv predict {folder.as_posix()} image.png",
            "",
            "Images become RGB, are resized to the size above, divided by 255, and normalised by"
            f" the training images' mean {_rounded(facts.mean)} and deviation"
            f" {_rounded(facts.std)}. Both commands do that.",
            "",
            "## Licence",
            "",
            f"Code: MIT. Images: {escape(facts.origin.license)}.",
            "",
        ]
    )


def _network(trained: Classifier) -> Iterator[str]:
    run, made = trained.spec, trained.record.stamp
    count = sum(parameter.numel() for parameter in trained.network.parameters())
    yield f"A {ZOO[run.model.zoo].title} of {count:,} parameters, trained from seed {run.seed}."
    yield ""
    yield f"- run: {code(run.id)}, specification {run.digest}"
    if run.model.set:
        yield f"- settings that differ from the model's: {code(str(run.model.set))}"
    if run.variant.is_edited:
        edits, numbers = ", ".join(run.variant.edits) or "none", run.variant.set or "none"
        named = escape(f"variant {run.variant.name}: edits {edits}, settings")
        yield f"- {named} {code(str(numbers))}"
    for phase in run.phases:
        named = ", ".join(step.name for step in phase.augment) or "none"
        said = (
            f"phase {phase.name}: {phase.optimizer.name}, batches of {phase.batch}, at most"
            f" {phase.max_epochs} epochs, augmentations: {named}"
        )
        yield f"- {escape(said)}"
    yield f"- commit {made.commit or 'unknown'}{', edited' * made.dirty}, code {made.code}"
    on = f"{made.device}, {made.precision}, torch {made.packages.get('torch', 'unknown')}"
    yield f"- {escape(on)}"
    yield f"- weights: SHA-256 {trained.record.checkpoint_sha256}"


def _numbers(trained: Classifier) -> Iterator[str]:
    found = trained.record.outcome
    top1 = found.top1 or 0.0
    ends = interval_of_images(round(top1 * found.test_images), found.test_images, ALPHA)
    yield (
        f"Top-1 {100 * top1:.2f} % [{100 * ends.low:.2f}, {100 * ends.high:.2f}] on the"
        f" {found.test_images:,} test images; in brackets the 95 % interval of this very network"
        " over images like these. It says nothing of another seed, or of other images."
    )
    if trained.spec.training.select_on == "test":
        yield (
            f"Its epoch, {found.best_epoch} of {found.epochs}, was picked on the same test images:"
            " on others the network is worse on average."
        )


def _classes(trained: Classifier) -> str:
    names = trained.classes
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(map(escape, names[:NAMED])) + more


def _origin(trained: Classifier) -> str:
    """Name where the images are from; an address stays a link."""
    origin = trained.facts.origin
    return ", ".join(f"<{url}>" for url in origin.urls) or escape(origin.archive)


def _rounded(channels: tuple[float, float, float]) -> str:
    return ", ".join(f"{x:.4f}" for x in channels)
