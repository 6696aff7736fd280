"""The names of the registry's rows, by paper."""

TABLE1 = (
    *("resnet18", "resnet34"),
    *("fnet", "mlp_mixer", "wavemix", "convmixer"),
    *("vit", "vin", "vip", "vilt", "cct", "cvt"),
    *("cnv", "cltv", "cpv"),
)
"""The rows of Table 1 of the first paper, in its order."""

COMPACT = ("vit_lite", "compact_vit", "compact_cct")
"""The rows of the second paper."""
