"""What ``cxv export`` does."""

from pathlib import Path

from cxv.config.load import load
from cxv.crate.export import export
from cxv.errors import UserError


def exported(
    settings: Path, study: str, *, results: Path, data: Path, out: Path | None, weights: bool
) -> str:
    """Write the crate of a study; return what its own check says.

    Raises:
        UserError: there is no such study, or it cannot be exported as it is.
    """
    params = load(settings)
    if study not in params.studies:
        known = ", ".join(sorted(params.studies))
        raise UserError(f"{settings}: no study {study!r}; there are: {known}")
    target = out or Path(f"{study}-crate")
    only = params.only(study)
    return "".join(export(only, settings, target, results=results, data=data, weights=weights))
