"""A Snakemake logger plugin with five uses.

1. ``snakemake --logger cxv ...`` shows the grid's progress, one line a job (``display.py``),
   instead of Snakemake's own report. What Snakemake writes under ``.snakemake/log`` stays as it is.

2. Snakemake's ``--resources`` takes any number of words, so ``--resources gpu=1 all`` reads ``all``
   as a resource and fails. Snakemake imports every logger plugin, asked for or not, before it reads
   its arguments; when it is about to run this project, importing this package moves such targets to
   where Snakemake sees them (``arguments.py``). Any other workflow or program is left alone.

3. After a kill, Snakemake refuses to go on without ``--rerun-incomplete``; it is added there too.

4. Ctrl-C while Snakemake reads and plans leaves a line in place of a traceback.

5. Where the home folder is read-only, Snakemake's cache is in the checkout.
"""

import os
import sys
from contextlib import suppress
from logging import WARNING, LogRecord
from pathlib import Path
from types import TracebackType

from snakemake_interface_logger_plugins.base import LogHandlerBase

from .arguments import corrected, starts_this_project
from .cache_folder import offer_cache


class LogHandler(LogHandlerBase):
    """Hands every record to a display and survives whatever it does not understand."""

    def __post_init__(self) -> None:
        """Build the display; its imports are paid by those who asked for this logger alone."""
        from .display import Display  # noqa: PLC0415

        self.display = Display(self.common_settings)

    def filter(self, record: LogRecord) -> bool:
        """Keep what Snakemake's options ask for; ``--quiet`` hides progress, never an error."""
        return record.levelno >= WARNING or bool(super().filter(record))

    def emit(self, record: LogRecord) -> None:
        """Show the record."""
        try:
            self.display.show(record)
        except (Exception, SystemExit):  # rich exits when the reader of a pipe has gone
            self.handleError(record)

    def close(self) -> None:
        """Show the summary; called once by Snakemake and again when Python exits."""
        with suppress(Exception, SystemExit):
            self.display.close()
        super().close()

    @property
    def writes_to_stream(self) -> bool:
        """Whether it takes the place of Snakemake's own report."""
        return True

    @property
    def writes_to_file(self) -> bool:
        """Whether Snakemake should list a file of ours among its logs."""
        return False

    @property
    def has_filter(self) -> bool:
        """Whether Snakemake should leave out its filter, which knows ``--quiet`` and the like."""
        return False

    @property
    def has_formatter(self) -> bool:
        """Whether Snakemake should leave out its formatter."""
        return True

    @property
    def needs_rulegraph(self) -> bool:
        """Whether Snakemake should draw the graph of rules for us."""
        return False


def say_interrupted(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Say in a line that Ctrl-C came while Snakemake planned; show other errors as Python does."""
    if issubclass(kind, KeyboardInterrupt):
        sys.stderr.write("interrupted; type the same command again to go on\n")
    else:
        sys.__excepthook__(kind, error, trace)


if starts_this_project(sys.argv):
    sys.excepthook = say_interrupted
    offer_cache(os.environ, Path(".cxv"))
sys.argv[:] = corrected(sys.argv)
