"""Which networks there are, and the parts that they are built of."""

from typing import Literal

Memory = Literal["eager", "fused", "lean"]
"""The maps that the backward pass finds: all that the released code keeps, those that fused kernels
leave, or a few, from which it computes the others again; see ``cxv.networks.memory_modes``."""
