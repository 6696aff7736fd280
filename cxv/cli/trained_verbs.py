"""The verbs for a trained network; each imports what it needs when it runs."""

import sys
from collections.abc import Sequence
from pathlib import Path


def predict(
    run: str,
    files: Sequence[str] = (),
    results: Path = Path("results"),
    data: Path | None = None,
    top: int = 3,
    json: bool = False,
) -> None:
    """Classify images by the trained network of a run: the most probable classes of each."""
    from cxv.cli.predict import predicted

    for text in predicted(run, files, sys.stdin, results=results, data=data, top=top, as_json=json):
        sys.stdout.write(text)
        sys.stdout.flush()


def export_network(
    run: str,
    format: str,
    out: Path,
    results: Path = Path("results"),
    data: Path | None = None,
) -> None:
    """Write the trained network of a run as a program of torch or ONNX, which needs no cxv."""
    from cxv.trained.export import BATCHES, export, exporter_of
    from cxv.trained.load import load

    exporter = exporter_of(format)
    difference = export(load(run, results=results, data=data, device="cpu"), exporter, out)
    batches = ", ".join(map(str, BATCHES))
    sys.stdout.write(f"{out}: for {batches} images its logits differ by {difference:.1g} at most\n")


def card(
    run: str, results: Path = Path("results"), data: Path | None = None, out: Path | None = None
) -> None:
    """Write the model card of a run: what it is, its data, its numbers, how to use it."""
    from cxv.records.run_names import find_record
    from cxv.trained.card import card as written
    from cxv.trained.load import load

    text = written(load(run, results=results, data=data), find_record(run, results).parent)
    if out is None:
        sys.stdout.write(text)
    else:
        out.write_text(text)
