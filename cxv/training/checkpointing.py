"""Save a training's state to a file and resume from it; handle the signals that stop it.

The file is in no folder of declared outputs, so Snakemake never deletes it with an incomplete job.
"""

import logging
import pickle
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import torch
from filelock import FileLock, Timeout

from cxv.config.spec import Run
from cxv.config.strict_model import StrictModel, differences
from cxv.errors import Stopped, UserError
from cxv.records.atomic_files import replacing
from cxv.training.trainer import Learner, State

log = logging.getLogger(__name__)

FORMAT = 2
"""Of the file; code that changes what stands in it counts on."""


class Identity(StrictModel):
    """What a state belongs to: it is resumed only if all of this is equal."""

    run: Run
    code: str  # fingerprint
    data_sha256: str
    parent_sha256: str | None


class Checkpointer:
    """Keeps the state of one training in a file until its outputs are there.

    Args:
        folder: of the states of all trainings.
        identity: of this one.
        environment: device, packages and the like; under another, results may differ in rounding.
        every_seconds: between saves within an epoch.
    """

    def __init__(
        self, folder: Path, identity: Identity, environment: dict[str, str], every_seconds: float
    ) -> None:
        self._path = folder / identity.run.id / f"{identity.digest}.pt"
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
    def lock(self) -> Iterator["Checkpointer"]:
        """Keep others off this training, and hear signals, until the block ends.

        SIGTERM, SIGINT and SIGUSR1 are answered at the next ``on_step``; a second one of its kind
        at once. One of another kind is not: Snakemake sends SIGTERM to jobs that have Ctrl-C.

        Raises:
            UserError: another process is at it.
        """
        self._path.parent.mkdir(parents=True, exist_ok=True)
        lock = self._path.with_suffix(".lock")
        try:
            with FileLock(lock, timeout=0), self._handle_signals():
                yield self
                lock.unlink(missing_ok=True)
        except Timeout as error:
            raise UserError(
                f"{self._identity.run.id}: another process is training it ({lock} is locked)"
            ) from error

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
                " rerun to resume"
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
        with replacing(self._path) as file:
            torch.save(kept, file)
        self._saved_at = time.monotonic()

    def forget(self) -> None:
        """Remove the state: the outputs are there."""
        self._path.unlink(missing_ok=True)

    def _load(self) -> State:
        advice = f"delete it to start {self._identity.run.id} over"
        try:
            kept: State = torch.load(self._path, weights_only=True)
            version = kept["format"]
        except (KeyError, TypeError, EOFError, OSError, RuntimeError, pickle.PickleError) as error:
            raise UserError(
                f"{self._path}: no state of a training, or damaged; {advice}: {error}"
            ) from error
        if version != FORMAT:
            raise UserError(
                f"{self._path}: has format {version}, this code reads {FORMAT}; use the code that"
                f" wrote it, or {advice}"
            )
        found = Identity.model_validate_json(kept["identity"])
        if found != self._identity:
            wrong = ", ".join(differences(found, self._identity))
            raise UserError(f"{self._path}: belongs to another training: {wrong}; {advice}")
        return kept

    @contextmanager
    def _handle_signals(self) -> Iterator[None]:
        asked = (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1)

        def note(number: int, _: FrameType | None) -> None:
            self._stop = signal.Signals(number)
            signal.signal(self._stop, former[self._stop])  # a second one is answered at once

        former = {number: signal.signal(number, note) for number in asked}
        try:
            yield
        finally:
            for number, handler in former.items():
                signal.signal(number, handler)
