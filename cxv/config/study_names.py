"""Names of studies that a user types."""

from collections.abc import Iterable

from cxv.config.grid import ALL, Params
from cxv.errors import UserError


def refuse_unknown(params: Params, studies: Iterable[str]) -> None:
    """Raise ``UserError`` if a name is neither a study of ``params.yaml`` nor ``all``."""
    known = (*params.studies, ALL)
    for study in studies:
        if study not in known:
            raise UserError(f"no study {study!r} in params.yaml; there are: {', '.join(known)}")
