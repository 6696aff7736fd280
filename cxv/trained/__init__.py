"""Networks that were trained, for use: loaded, exported, described."""
