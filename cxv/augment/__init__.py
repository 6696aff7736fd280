"""Augmentations of whole batches, on any device; their settings load no torch."""
