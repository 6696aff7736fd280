"""What ``cxv export`` does."""

from pathlib import Path

from cxv.config.load import load
from cxv.config.study_names import refuse_unknown
from cxv.crate.export import export


def exported(
    settings: Path, study: str, *, results: Path, data: Path, out: Path | None, weights: bool
) -> str:
    """Write the crate of a study; return what its own check says.

    Raises:
        UserError: there is no such study, or it cannot be exported as it is.
    """
    params = load(settings)
    refuse_unknown(params, [study])
    target = out or Path(f"{study}-crate")
    only = params.only(study)
    return "".join(export(only, settings, target, results=results, data=data, weights=weights))
