"""The faults that a user can mend, and the stop that is none: printed without a traceback."""


class UserError(Exception):
    """Names the file and the key or member at fault, and what is allowed there."""

    SAYS = "error: "
    """Before its message: trying the same again is of no use."""


class Stopped(Exception):  # noqa: N818 - not a fault
    """A signal ended a job before its outputs were there; the same command resumes it."""

    EXIT_CODE = 75
    """EX_TEMPFAIL of sysexits.h: worth trying again."""

    SAYS = "rerun to resume"
    """In its message: the state is saved."""
