"""The faults that a user can mend: the command line prints them without a traceback."""


class UserError(Exception):
    """Names the file and the key or member at fault, and what is allowed there."""
