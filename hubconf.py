"""Every model of the zoo for ``torch.hub.load("<repository>", "cpv", classes=100)``, untrained.

Under timm's own names: ``import cxv.timm``.
"""

from collections.abc import Callable as _Callable
from functools import partial as _partial

from cxv import create_model as _create_model
from cxv import list_models as _list_models

dependencies = ["einops", "pydantic", "torch"]


def _entry(name: str) -> _Callable[..., object]:
    entry = _partial(_create_model, name)
    entry.__doc__ = _create_model.__doc__
    return entry


globals().update({name: _entry(name) for name in _list_models()})
