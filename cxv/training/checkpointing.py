"""Save a training's state to a file and resume from it; handle the signals that stop it.

The file is in no folder of declared outputs, so Snakemake never deletes it with an incomplete job.
"""

import hashlib
import io
import logging
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from pickle import PickleError
from types import FrameType

import torch
from pydantic import ValidationError

from cxv.config.faults import in_words
from cxv.config.strict_model import differences
from cxv.errors import Stopped, UserError
from cxv.records.atomic_files import replacing
from cxv.records.identity import TrainingIdentity
from cxv.training.trainer import Learner, State

log = logging.getLogger(__name__)

FORMAT = 3
"""Of the file; code that changes what stands in it counts on."""

SHA256_BYTES = 32
"""Of the checksum with which the file begins."""

LOAD_ERRORS = (KeyError, TypeError, ValueError, EOFError, OSError, RuntimeError, PickleError)


class Checkpointer:
    """Keeps the state of one training in a file until its outputs are there.

    Args:
        folder: of the states of all trainings.
        identity: of this one; a state is resumed only under an equal one.
        environment: device, packages and the like; under another, results may differ in rounding.
        every_seconds: between saves within an epoch.
    """

    def __init__(
        self,
        folder: Path,
        identity: TrainingIdentity,
        environment: dict[str, str],
        every_seconds: float,
    ) -> None:
        self._path = identity.state_in(folder)
        self._identity, self._environment, self._every_seconds = (
            identity,
            environment,
            every_seconds,
        )
        self._saved_at = time.monotonic()
        self.interruptions = 0
        self.environment_changes: list[str] = []  # each a reason for other numbers
        self._stop: signal.Signals | None = None

    @contextmanager
    def hear_signals(self) -> Iterator[None]:
        """Answer a signal to stop at the next ``on_step``, until the block ends.

        A second one of its kind is answered at once. One of another kind is not: Snakemake sends
        SIGTERM to jobs that have Ctrl-C.
        """
        asked = [signal.SIGTERM, signal.SIGINT, signal.SIGUSR1]
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as ``nohup`` has it
            asked.append(signal.SIGHUP)  # the terminal was closed

        def note(number: int, _: FrameType | None) -> None:
            self._stop = signal.Signals(number)
            signal.signal(self._stop, former[self._stop])  # a second one is answered at once

        former = {number: signal.signal(number, note) for number in asked}
        try:
            yield
        finally:
            for number, handler in former.items():
                signal.signal(number, handler)

    def restore(self, learner: Learner) -> bool:
        """Restore what a former process left of this training; tell whether it left anything.

        Raises:
            UserError: the file is damaged, of newer code, or another training's.
        """
        if not self._path.exists():
            return False
        kept = self._load()
        learner.restore(kept["learner"])
        self.interruptions = kept["interruptions"] + 1
        self.environment_changes = kept["environment_changes"]
        self.environment_changes += [
            f"resumed with {key} {self._environment.get(key)} after {value}"
            for key, value in kept["environment"].items()
            if self._environment.get(key) != value
        ]
        return True

    def on_step(self, learner: Learner) -> None:
        """Save if it is time to, or if a signal came.

        Raises:
            Stopped: a signal came; the state is saved.
        """
        if self._stop:
            self.save(learner)
            raise Stopped(
                f"{self._identity.run.id}: {self._stop.name}: state saved to {self._path};"
                f" {Stopped.SAYS}"
            )
        if time.monotonic() - self._saved_at >= self._every_seconds:
            self.save(learner)

    def save(self, learner: Learner) -> None:
        """Write the state, whole or not at all."""
        kept = {
            "format": FORMAT,
            "identity": self._identity.canonical(),
            "environment": self._environment,
            "interruptions": self.interruptions,
            "environment_changes": self.environment_changes,
            "learner": learner.state(),
        }
        state = io.BytesIO()
        torch.save(kept, state)
        with replacing(self._path) as file:
            file.write(hashlib.sha256(state.getbuffer()).digest())
            file.write(state.getbuffer())
        self._saved_at = time.monotonic()

    def _load(self) -> State:
        advice = f"delete it to start {self._identity.run.id} over"
        try:
            kept = read_state(self._path)
            version = kept["format"]
        except LOAD_ERRORS as error:
            raise UserError(
                f"{self._path}: no state of a training, or damaged; {advice}: {error}"
            ) from error
        if version != FORMAT:
            raise UserError(
                f"{self._path}: has format {version}, this code reads {FORMAT}; use the code that"
                f" wrote it, or {advice}"
            )
        found = self._identity_in(kept["identity"])
        if found != self._identity:
            wrong = ", ".join(differences(found, self._identity))
            raise UserError(f"{self._path}: belongs to another training: {wrong}; {advice}")
        return kept

    def _identity_in(self, text: str) -> TrainingIdentity:
        try:
            return TrainingIdentity.model_validate_json(text)
        except ValidationError as error:
            said = f"{self._path}: holds no identity that this code reads"
            raise UserError(f"{said}: {in_words(error, text)}") from error


def read_state(path: Path) -> State:
    """Return what a file of a state holds.

    Raises:
        one of ``LOAD_ERRORS``: it is missing, altered, or no such file.
    """
    with path.open("rb") as file:
        checksum, state = file.read(SHA256_BYTES), file.read()
    if hashlib.sha256(state).digest() != checksum:
        raise ValueError("its checksum is wrong, or older code wrote it")
    kept: State = torch.load(io.BytesIO(state), weights_only=True)
    return kept
