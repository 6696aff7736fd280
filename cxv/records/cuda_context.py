"""A cost that no tensor has. It stands here so that a training need not import what profiles do."""

CUDA_CONTEXT_BYTES = 400_000_000
"""About what a process takes on a GPU before its first tensor: 0.3 to 0.8 GB by driver and device.

``nvidia-smi`` shows it and torch does not; it is recorded next to the peaks and is part of none.
The figure is the one that the paper's own column speaks for, D21 in data/paper/README.md.
"""
