"""What the paper printed and claimed, and whether it holds."""
