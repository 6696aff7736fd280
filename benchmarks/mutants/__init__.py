"""Mutation testing: small faults are put into the code; each must make a test fail."""
