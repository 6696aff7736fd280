"""What our own runs say of the paper's claims: records are selected, sampled and judged.

Nothing here imports torch, and nothing that is missing is an error: it is told by name.
"""
