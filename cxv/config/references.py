"""Names of ``params.yaml`` that stand for nothing, and settings that lack another."""

from collections.abc import Iterator

from cxv.config.faults import Fault, Key, unknown
from cxv.config.grid import ALL, Networks, Params, Selection, reserved
from cxv.config.vocabulary import Vocabulary
from cxv.networks.registry import ABLATIONS, ZOO


def undefined(names: Vocabulary) -> Iterator[Fault]:
    """Yield what entries are made of that is not there."""
    for name, model in names.models.items():
        yield from unknown(("models", name), "model in cxv/networks/registry.py", [model.zoo], ZOO)
    for name, variant in names.variants.items():
        yield from unknown(("variants", name, "edits"), "edit", variant.edits, ABLATIONS)
    for name, chain in names.recipes.items():
        yield from unknown(("recipes", name), "phase", chain, names.phases)


def types_lacking(params: Params) -> Iterator[Fault]:
    """Yield the devices for whose AMP no type is given."""
    for name in ("autocast_cuda", "autocast_cpu"):
        if getattr(params.training, name) is None:
            yield ("training", name), "must be a type, not null (float32 switches AMP off)"


def folders_lacking(names: Vocabulary) -> Iterator[Fault]:
    """Yield the datasets of own photos that lie nowhere."""
    for name, dataset in names.datasets.items():
        if dataset.source == "image_folder" and dataset.path is None:
            yield ("datasets", name), "source image_folder needs a path"


def references(params: Params) -> Iterator[Fault]:
    """Yield every name that stands for nothing, or for something else already."""
    taken = reserved(params.studies)
    for name in taken & params.studies.keys():
        yield ("studies", name), f"names another target (reserved: {', '.join(sorted(taken))})"
    yield from unknown(("study",), "study", [params.study], {*params.studies, ALL})
    yield from undefined(params)
    for name, study in params.studies.items():
        if study.from_paper and params.paper is None:
            yield ("studies", name, "from_paper"), "asks for a paper, and `paper` names none"
        for number, block in enumerate(study.runs):
            yield from _block(params, ("studies", name, "runs", number), block)
        for number, network in enumerate(study.measured):
            yield from _block(params, ("studies", name, "measured", number), network)


def _block(params: Params, key: Key, block: Selection | Networks) -> Iterator[Fault]:
    yield from unknown((*key, "datasets"), "dataset", block.datasets, params.datasets)
    yield from unknown((*key, "models"), "model", block.models, params.models)
    yield from unknown((*key, "variants"), "variant", block.variants, params.variants)
    if isinstance(block, Selection):
        yield from unknown((*key, "recipes"), "recipe", block.recipes, params.recipes)
