"""Estimate of a training's GPU memory before it starts, from the profile of its network."""

import logging
import math
from pathlib import Path

from pydantic import ValidationError

from cxv.config.spec import Run
from cxv.data.manifest import Manifest
from cxv.records.costs import PeakMemory, Precision, ProfileRecord
from cxv.records.seal import RecordError, read_sealed

log = logging.getLogger(__name__)

SPARE_SHARE = 0.1
"""Of what the tensors take: gaps that torch's allocator leaves between them."""

SPARE_BYTES = 500_000_000
"""Workspaces of cuDNN and cuBLAS, and a CUDA context larger than the 0.4 GB recorded, up to 0.8."""


def training_need(run: Run, profile: Path, manifest: Path) -> int | None:
    """Return the bytes that a link takes on a GPU at most; None if no profile of its network says.

    Args:
        run: the link.
        profile: path of its network's profile, if it was made.
        manifest: of its images, which are all on the GPU.
    """
    try:
        record = ProfileRecord.model_validate_json(read_sealed(profile))
    except (FileNotFoundError, RecordError, ValidationError):
        log.info("%s: profile missing or outdated; reserving a whole GPU", profile)
        return None
    spec, measured = record.spec, record.measured
    if (spec.dataset, spec.model, spec.variant) != (run.dataset, run.model, run.variant):
        log.info("%s: profile of other settings; reserving a whole GPU", profile)
        return None
    peak = next((peak for peak in measured.peak_memory if _is_of(peak, run)), None)
    if peak is None:
        name = run.phase.optimizer.name
        log.info("%s: profile without %s; reserving a whole GPU", profile, name)
        return None
    facts = Manifest.load(manifest)
    return need_bytes(
        run,
        peak,
        batch=measured.batch,
        data_bytes=data_bytes(facts),
        context_bytes=measured.predicted_context_bytes,
    )


def need_bytes(
    run: Run, peak: PeakMemory, *, batch: int, data_bytes: int, context_bytes: int
) -> int:
    """Return the sum of all that a link keeps on a GPU, with something to spare.

    Args:
        run: the link.
        peak: predicted or measured at a step of ``batch`` images.
        batch: images. A larger step is taken to grow in proportion, a smaller one not to shrink: it
            may be the optimizer's update that is fullest.
        data_bytes: of the dataset.
        context_bytes: of CUDA.
    """
    kept = (
        peak.predicted_weight_bytes + peak.predicted_optimizer_bytes + peak.predicted_gradient_bytes
    )
    at_once = run.training.micro_batch
    images = min(run.phase.batch, at_once) if isinstance(at_once, int) else run.phase.batch
    fullest = max(peak.predicted_peak_bytes, peak.measured_reserved_bytes or 0)
    stepping = (fullest - kept) * max(1, images / batch)
    tensors = kept + max(stepping, peak.predicted_scoring_bytes) + data_bytes
    return math.ceil((1 + SPARE_SHARE) * tensors) + context_bytes + SPARE_BYTES


def data_bytes(facts: Manifest) -> int:
    """Return what a dataset takes on a GPU: the test split twice, as it selects and is reported."""
    images = sum(facts.train_images) + 2 * sum(facts.test_images)
    return images * (math.prod(facts.shape) + 8)  # a byte a value, eight a label


def _is_of(peak: PeakMemory, run: Run) -> bool:
    """Tell whether a peak is of the form, precision and optimizer of a link."""
    precision: Precision = "float32" if run.training.autocast_cuda == "float32" else "float16"
    wanted = (run.training.memory, precision, run.phase.optimizer.name)
    return (peak.memory, peak.precision, peak.optimizer) == wanted  # bfloat16: as wide as float16
