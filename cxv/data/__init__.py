"""Datasets: an archive becomes tensors, a manifest, and batches on the device."""
