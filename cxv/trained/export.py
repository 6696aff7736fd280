"""A trained network as a program of torch or ONNX that needs no cxv, for any number of images."""

import io
import json
import logging
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor, nn

from cxv.errors import UserError
from cxv.records.atomic_files import replacing
from cxv.trained.exportable import OfBytes, exportable
from cxv.training.classifier import Classifier

BATCHES = (1, 2, 7)
"""Numbers of images for which an exported program is compared with the network."""
TOLERANCE = 1e-4
"""By how much a logit may differ, and the share of it that comes on top."""
TRACED = 3  # images of the batch that is traced: 1 would be taken for fixed
ANY_NUMBER = ({0: torch.export.Dim.DYNAMIC},)
"""Of the one input, the dimension that is free."""
ABOUT = "cxv.json"
"""What a file of either form says of itself under this name: ``about``, as JSON."""

Answering = Callable[[Tensor], Tensor]
"""Bytes (b, 3, h, w) -> logits (b, k)."""
Exporter = Callable[[OfBytes, Tensor, Mapping[str, Any]], tuple[bytes, Answering]]
"""Network, images and what is said of them -> a file's content, and what it answers when read."""


def exporter_of(form: str) -> Exporter:
    """Return what makes the program of a form.

    Raises:
        UserError: there is no such form, or a package is missing.
    """
    if form not in FORMS:
        raise UserError(f"--format {form}: not known; there are: {', '.join(FORMS)}")
    exporter, needs = FORMS[form]
    if missing := [name for name in needs if find_spec(name) is None]:
        raise UserError(
            f"--format {form} needs {' and '.join(missing)}, which cxv does not install:"
            f" pip install {' '.join(missing)}"
        )
    return exporter


def export(trained: Classifier, exporter: Exporter, out: Path) -> float:
    """Write a network with the normalisation of its images: bytes (b, 3, h, w) -> logits (b, k).

    Returns:
        By how much a logit of the program differs from the network's at most.

    Raises:
        UserError: the network cannot be exported, or the program computes something else; nothing
            is written.
    """
    images = torch.zeros(TRACED, *trained.facts.shape, dtype=torch.uint8)
    try:
        content, answering = exporter(exportable(trained), images, about(trained))
    except RuntimeError as error:  # of torch.export and of the exporter to ONNX
        raise UserError(f"{trained.spec.id}: cannot be exported: {error}") from error
    difference = _compared(trained, answering)
    with replacing(out) as file:
        file.write(content)
    return difference


def about(trained: Classifier) -> dict[str, Any]:
    """Return what travels with an exported network."""
    return {
        "run": trained.spec.id,
        "specification": json.loads(trained.spec.canonical()),
        "checkpoint_sha256": trained.record.checkpoint_sha256,
        "test_top1": trained.record.outcome.top1,
        "classes": trained.classes,
        "images": f"RGB bytes (b, 3, {trained.image_size}, {trained.image_size})",
    }


def _of_torch(
    network: OfBytes, images: Tensor, about: Mapping[str, Any]
) -> tuple[bytes, Answering]:
    program = torch.export.export(network, (images,), dynamic_shapes=ANY_NUMBER)
    file = io.BytesIO()
    torch.export.save(program, file, extra_files={ABOUT: json.dumps(about)})
    content = file.getvalue()
    read: nn.Module = torch.export.load(io.BytesIO(content)).module()
    return content, read


def _of_onnx(network: OfBytes, images: Tensor, about: Mapping[str, Any]) -> tuple[bytes, Answering]:
    import onnxruntime  # noqa: PLC0415 - no dependency

    for name in ("onnx_ir", "onnxscript"):  # they tell every step
        logging.getLogger(name).setLevel(logging.WARNING)
    program: Any = torch.onnx.export(
        network,
        (images,),
        dynamo=True,
        dynamic_shapes=ANY_NUMBER,
        input_names=["images"],
        output_names=["logits"],
        verbose=False,
    )
    model = program.model_proto
    model.metadata_props.add(key=ABOUT, value=json.dumps(about))
    content = model.SerializeToString()
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    return content, lambda x: torch.from_numpy(session.run(None, {"images": x.numpy()})[0])


FORMS: Mapping[str, tuple[Exporter, tuple[str, ...]]] = MappingProxyType(
    {"torch": (_of_torch, ()), "onnx": (_of_onnx, ("onnxscript", "onnxruntime"))}
)
"""What makes a program, and the packages that it needs."""


@torch.inference_mode()
def _compared(trained: Classifier, answering: Answering) -> float:
    """Return the largest difference from the network, in float32, on images of noise."""
    network = OfBytes(trained.network, trained.mean, trained.std).to(trained.device)
    draws = torch.Generator().manual_seed(0)
    largest = 0.0
    for batch in BATCHES:
        shape = (batch, *trained.facts.shape)
        images = torch.randint(256, shape, generator=draws, dtype=torch.uint8)
        expected, found = network(images.to(trained.device)).cpu(), answering(images)
        if found.shape != expected.shape or not torch.allclose(
            found, expected, rtol=TOLERANCE, atol=TOLERANCE
        ):
            raise UserError(f"{trained.spec.id}: its export answers otherwise to {batch} images")
        largest = max(largest, (found - expected).abs().max().item())
    return largest
