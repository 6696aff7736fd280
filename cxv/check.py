"""Faults of ``params.yaml`` that only models and torch can tell: numbers that they do not take.

Importing them loads torch, so Snakemake does this once a command and not once a job.
"""

from collections.abc import Iterator

from cxv import dualopt, zoo
from cxv.grid import Params
from cxv.settings_file import Key
from cxv.spec import Model, Variant

BASE = Variant(name="base")


def faults(params: Params) -> Iterator[tuple[Key, str]]:
    """Yield the key and the fault of every model, and of every variant that a study asks for."""
    for phase in params.phases.values():
        for where, said in dualopt.faults(phase):
            yield ("phases", phase.name, *where.split(".")), said
    for model in params.models.values():
        yield from _fault(("models", model.name, "set"), model, BASE)
    networks = (one for study in params.studies for one in params.profiles(study).values())
    pairs = {(one.model.name, one.variant.name): one for one in networks}
    for one in pairs.values():
        if not list(_fault((), one.model, BASE)):  # else it is told above
            yield from _fault(("variants", one.variant.name), one.model, one.variant)


def _fault(key: Key, model: Model, variant: Variant) -> Iterator[tuple[Key, str]]:
    try:
        zoo.describe(
            model.zoo,
            settings=model.set,
            edits=variant.edits,
            variant_settings=variant.set,
        )
    except ValueError as error:
        yield key, f"with model {model.name}: {error}"
