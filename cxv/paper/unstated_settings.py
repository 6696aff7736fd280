"""What the paper leaves open about each row of Table 1, and the values that it might have had.

Heads and depth are in a row's name. Keys are those of ``set:`` in ``params.yaml``.
"""

import csv
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from cxv.config.spec import ConfigSearch, Space

CLASS_TOKEN_OR_MEAN = ((), ("mean_pooling",))
MLP = (1, 2, 4)
HEAD = (16, 32, 64)
PATCH = (1, 2)

SPACES: Mapping[str, Space] = MappingProxyType(
    {
        "resnet18": Space(settings={"width": (32, 64, 128)}),
        "resnet34": Space(settings={"width": (32, 64, 128)}),
        "fnet": Space(
            settings={"expansion": MLP, "dim": (128, 256), "stem.patch": PATCH},
            edits=CLASS_TOKEN_OR_MEAN,
        ),
        "mlp_mixer": Space(
            settings={"expansion": MLP, "dim": (128, 256), "stem.patch": PATCH},
        ),
        "wavemix": Space(
            settings={
                "mixer.shared": (False, True),
                "mixer.hidden": (32, 64, 128),
                "mixer.width": (32, 64),
            }
        ),
        "convmixer": Space(settings={"kernel": (3, 5, 7, 8, 9), "patch": PATCH}),
        "vit": Space(
            settings={"expansion": MLP, "mixer.head_dim": HEAD, "stem.patch": PATCH},
            edits=CLASS_TOKEN_OR_MEAN,
        ),
        "vin": Space(
            settings={
                "expansion": MLP,
                "mixer.head_dim": HEAD,
                "mixer.landmarks": (32, 64),
                "mixer.taps": (1, 33),
            },
            edits=CLASS_TOKEN_OR_MEAN,
        ),
        "vip": Space(
            settings={"expansion": MLP, "mixer.head_dim": HEAD},
            edits=CLASS_TOKEN_OR_MEAN,
        ),
        "vilt": Space(
            settings={"expansion": MLP, "mixer.head_dim": HEAD, "mixer.projection": (1, 3)},
            image_sizes=(32, 16),
        ),
        "cct": Space(settings={"expansion": MLP, "mixer.head_dim": HEAD}),
        "cvt": Space(
            settings={"expansion": MLP, "mixer.head_dim": HEAD, "mixer.kernel": (1, 3)},
        ),
        "cnv": Space(
            settings={
                "expansion": MLP,
                "mixer.head_dim": HEAD,
                "mixer.landmarks": (32, 64),
                "stem_divisor": (1, 2),
            }
        ),
        "cltv": Space(
            settings={
                "expansion": MLP,
                "mixer.head_dim": HEAD,
                "mixer.projection": (1, 3),
                "stem_divisor": (1, 2),
            }
        ),
        "cpv": Space(
            settings={
                "expansion": MLP,
                "mixer.head_dim": HEAD,
                "stem_divisor": (1, 2),
            }
        ),
    }
)


def searches(table1: Path) -> dict[str, ConfigSearch]:
    """Return the search for every row of ``data/paper/table1.csv``, by the row's name."""
    with table1.open(newline="") as file:
        return {
            line["model"]: ConfigSearch(
                row=line["model"],
                params_m=line["params_m"],
                macs_g=line["macs_g"],
                space=SPACES[line["model"]],
            )
            for line in csv.DictReader(file)
        }
