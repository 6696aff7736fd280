"""How a training tells its reader where it stands: a line an epoch, and a bar on a terminal."""

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from cxv.config.phases import Phase
from cxv.records.history import TimedEpoch

log = logging.getLogger(__name__)


@contextmanager
def progress(
    phase: Phase, trained_seconds: Callable[[], float]
) -> Iterator[Callable[[TimedEpoch], None]]:
    """Give a function to call after every epoch of ``phase``.

    ``trained_seconds`` says how long it has been trained, without its interruptions.
    """
    with _bar(phase) as advance:

        def tell(epoch: TimedEpoch) -> None:
            left = trained_seconds() / epoch.epoch * (phase.max_epochs - epoch.epoch)
            log.info(
                "%s epoch %d of at most %d: loss %.4f, top-1 %.2f %%, %.0f images/s,"
                " at most %s left",
                phase.name,
                epoch.epoch,
                phase.max_epochs,
                epoch.loss,
                100 * epoch.top1,
                epoch.images_per_second,
                _clock(left),
            )
            advance()

        yield tell


@contextmanager
def _bar(phase: Phase) -> Iterator[Callable[[], None]]:
    if not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console  # noqa: PLC0415 - only a terminal pays for it
    from rich.progress import Progress  # noqa: PLC0415

    with Progress(console=Console(stderr=True), transient=True) as bars:
        bar = bars.add_task(phase.name, total=phase.max_epochs)
        yield lambda: bars.advance(bar)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"
