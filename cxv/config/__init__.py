"""What ``params.yaml`` means. Torch is never imported here."""
