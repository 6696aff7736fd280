"""What a training says of itself after every epoch."""

import io
import logging
import sys

import pytest
from tiny import SGD
from trained import phase

from cxv.records.history import TimedEpoch
from cxv.training.progress import progress

PHASE = phase(SGD, max_epochs=9)
STARTED = 1.7e9


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def epoch(number: int, seconds: float) -> TimedEpoch:
    """Return an epoch that ended some seconds after the training began."""
    return TimedEpoch(
        epoch=number, time=STARTED + seconds, loss=1.23456, top1=0.875, lr=0.1,
        images_per_second=1234.5,
    )  # fmt: skip


@pytest.fixture(autouse=True)
def _info(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)


def test_a_line_says_where_an_epoch_stands_and_how_long_it_may_take(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Three epochs of 1100 s each: the six that are left take 6600 s."""
    with progress(PHASE, lambda: 3300.0) as tell:
        tell(epoch(3, 3300))
    assert caplog.messages[-1] == (
        "sgd epoch 3 of at most 9: loss 1.2346, top-1 87.50 %, 1234 images/s, at most 1:50:00 left"
    )


def test_the_time_left_is_right_after_a_resume(caplog: pytest.LogCaptureFixture) -> None:
    """Epochs of 60 s; resumed a day later, two steps before the fifth of nine ended."""
    with progress(PHASE, lambda: 300.0) as tell:
        tell(epoch(5, 86_400.0))
    assert caplog.messages[-1].endswith("at most 0:04:00 left")


@pytest.mark.parametrize(
    ("number", "seconds", "left"),
    [(9, 90.0, "0:00:00"), (8, 64.0, "0:00:08"), (1, 7.6, "0:01:01"), (1, 455.0, "1:00:40")],
)
def test_the_time_left_is_that_of_the_epochs_left(
    caplog: pytest.LogCaptureFixture, number: int, seconds: float, left: str
) -> None:
    with progress(PHASE, lambda: seconds) as tell:
        tell(epoch(number, seconds))
    assert caplog.messages[-1].endswith(f"at most {left} left")


def test_a_bar_is_drawn_on_a_terminal_and_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = []
    for stream in (Terminal(), io.StringIO()):
        monkeypatch.setattr(sys, "stderr", stream)
        with progress(PHASE, lambda: 1.0) as tell:
            tell(epoch(1, 1.0))
        drawn.append(stream.getvalue())
    assert "sgd" in drawn[0]
    assert "11%" in drawn[0]  # one of nine
    assert drawn[1] == ""
