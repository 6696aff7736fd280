"""The faults that a user can mend, and the stop that is none: printed without a traceback."""


class UserError(Exception):
    """Names the file and the key or member at fault, and what is allowed there."""

    SAYS = "error: "
    """Before its message: trying the same again is of no use."""

    def __str__(self) -> str:
        """Return its lines; what no terminal prints of a file's text or name is escaped."""
        return "\n".join(map(printable, super().__str__().split("\n")))


def printable(text: str) -> str:
    r"""Return a text in one line, with ``\n`` or ``\x1b`` for what no terminal prints.

    A byte of a file's name that is no UTF-8 is ``\xe6``, say.
    """
    return "".join(x if x.isprintable() else _digits(x) for x in text)


def _digits(character: str) -> str:
    if "\udc80" <= character <= "\udcff":  # so Python keeps such bytes
        return f"\\x{ord(character) - 0xDC00:02x}"
    return character.encode("unicode_escape").decode()


class Stopped(Exception):  # noqa: N818 - not a fault
    """A signal ended a job before its outputs were there; the same command resumes it."""

    EXIT_CODE = 75
    """EX_TEMPFAIL of sysexits.h: worth trying again."""

    SAYS = "rerun to resume"
    """In its message: the state is saved."""
