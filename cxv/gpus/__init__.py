"""Which training runs on which device, and whether it fits."""
