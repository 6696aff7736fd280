"""A paper of ours in LaTeX: its numbers as macros, and an audit of what was typed by hand."""
