"""What ``cxv predict`` prints."""

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from cxv.errors import UserError
from cxv.trained.load import load
from cxv.trained.predict import listed, predict
from cxv.training.classifier import Answer


def predicted(
    run: str,
    named: Sequence[str],
    lines: Iterable[str],
    *,
    results: Path,
    data: Path | None,
    top: int,
    as_json: bool,
) -> Iterator[str]:
    """Yield a line an image, or one JSON text of all.

    Raises:
        UserError: the run cannot be loaded; or, after all others, an image cannot be read.
    """
    if top < 1:
        raise UserError(f"--top {top}: at least 1")
    trained = load(run, results=results, data=data)
    faults: list[str] = []
    found = predict(trained, listed(named, lines), top, faults)
    if as_json:
        images = [{"image": image, "answers": answers} for image, answers in found]
        about = {"run": trained.spec.id, "checkpoint_sha256": trained.record.checkpoint_sha256}
        yield json.dumps({**about, "images": images}, indent=1, ensure_ascii=False) + "\n"
    else:
        yield from (f"{image}: {_said(answers)}\n" for image, answers in found)
    if faults:
        raise UserError("images that cannot be read\n  " + "\n  ".join(faults))


def _said(answers: Sequence[Answer]) -> str:
    return ", ".join(f"{one['name']} {100 * one['probability']:.1f} %" for one in answers)
