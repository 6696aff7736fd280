"""Count networks as they are: no images are needed, and no training."""

from collections.abc import Iterator

import torch

from cxv.config.spec import Counts, described
from cxv.profiling.macs import count_macs_by_every_convention
from cxv.profiling.parameters import count_module_params, count_params
from cxv.records.run import Counted


def count(spec: Counts) -> Iterator[tuple[str, Counted]]:
    """Build one network after the other; yield its parameters, and the MACs of one image."""
    for name, network in spec.networks.items():
        description = described(network.model, network.variant)
        model = description.build(network.classes, network.image_size).eval()
        image = torch.zeros(1, 3, network.image_size, network.image_size)
        macs = count_macs_by_every_convention(model, image)
        yield (
            name,
            Counted(
                params=count_params(model),
                params_modules=count_module_params(model),
                **{f"macs_{convention}": count for convention, count in macs.items()},
            ),
        )
