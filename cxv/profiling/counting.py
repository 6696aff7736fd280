"""Count the networks of Table 1 as they are: no images are needed, and no training."""

from collections.abc import Iterator

import torch

from cxv.config.spec import Counts
from cxv.networks.registry import describe
from cxv.profiling import count_macs, count_module_params
from cxv.records.run import Counted


def count(spec: Counts) -> Iterator[tuple[str, Counted]]:
    """Build one network after the other; yield what it has by the paper's rules."""
    image = torch.zeros(1, 3, spec.image_size, spec.image_size)
    for row in spec.rows:
        model = describe(row).build(spec.classes, spec.image_size).eval()
        macs, _ = count_macs(model, image, "thop")
        yield row, Counted(params_modules=count_module_params(model), macs_thop=macs)
