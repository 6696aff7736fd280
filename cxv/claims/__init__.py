"""The paper's claims: what its own printed numbers say of them, and how runs are to test them.

Nothing here imports torch.
"""
