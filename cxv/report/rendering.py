"""How the parts of a report are filled in."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from cxv.report.tables import Row
from cxv.spec import Model
from cxv.zoo import ZOO, Group

GROUPS: Mapping[Group, str] = MappingProxyType(
    {
        "convolutional": "Convolutional",
        "mixing": "Token mixing",
        "transformer": "Transformers",
        "cxv": "Convolutional Xformers",
    }
)
"""Blocks of the paper's Table 1."""


def environment(*, autoescape: bool) -> Environment:
    """Return the templates of ``cxv/report/templates``, for a page or, unescaped, for Markdown."""
    return Environment(
        loader=PackageLoader("cxv.report"),
        autoescape=autoescape,  # noqa: S701 - off for Markdown alone
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def label(model: Model) -> str:
    """Return the paper's name of a model, unless its numbers were changed."""
    return model.name if model.set else ZOO[model.zoo].title


def anchor(row: Row) -> str:
    """Return an id for the row on its page."""
    names = (row.dataset.name, row.model.name, row.variant.name, row.recipe)
    return "-".join(names).replace(" = ", "-")


def told(named: dict[str, Any]) -> str:
    """Return ``SGD: lr 0.001, momentum 0.9``."""
    values = [f"{key.replace('_', ' ')} {value}" for key, value in named.items() if key != "name"]
    return f"{named['name']}: {', '.join(values)}"
