"""Places on devices that several processes share; one that dies gives up its own at once.

A request is a file in one folder of this machine, and counts while its process holds a POSIX lock
on it. The kernel drops that lock when the process ends, even by SIGKILL, and no child inherits it:
a data loader that outlives its parent keeps no place. Process ids play no part.

The bytes granted on a device never exceed what it has. A request that waits keeps every later one
off one device, so that many small ones cannot hold up a large one for ever.
"""

import fcntl
import logging
import os
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import sleep
from typing import BinaryIO

from cxv.errors import UserError
from cxv.gpus.placement import Device, Request, await_device, gb, place, room_on

log = logging.getLogger(__name__)

POLL_SECONDS = 1.0


@contextmanager
def reserve(
    devices: Sequence[Device],
    need_bytes: int | None,
    *,
    folder: Path | None = None,
    poll_seconds: float = POLL_SECONDS,
) -> Iterator[Device]:
    """Wait for room on one of ``devices`` and keep it as long as the block runs.

    Args:
        devices: by decreasing preference between equally empty ones.
        need_bytes: on one device; None takes a whole device, whichever.
        folder: on this machine, one for all who share the devices; see ``shared_folder``.
        poll_seconds: between two looks for room.

    Raises:
        UserError: no device is large enough, or the folder cannot be used.
    """
    able = [device for device in devices if device.asked(need_bytes) <= device.bytes]
    if not able:
        sizes = ", ".join(f"{device.name} ({gb(device.bytes)})" for device in devices)
        raise UserError(f"no device has {gb(need_bytes or 0)}: there is {sizes or 'none'}")
    ticket = _Reservation(_usable(folder or shared_folder()), able, need_bytes)
    try:
        yield ticket.wait(poll_seconds)
    finally:
        ticket.leave()


def shared_folder() -> Path:
    """Return the folder that all checkouts of one user share: CXV_SLOTS, or one in /tmp."""
    named = os.environ.get("CXV_SLOTS")
    return Path(named) if named else Path(tempfile.gettempdir(), f"cxv-{os.getuid()}")


class _Reservation:
    """A request of this process, in the queue from the first moment."""

    def __init__(self, folder: Path, devices: Sequence[Device], need_bytes: int | None) -> None:
        self.folder, self.devices, self.need_bytes = folder, devices, need_bytes
        with _alone(folder):
            before = _active_requests(folder)
            last = max((int(path.name) for path in before), default=0)
            self.path = folder / f"{last + 1:012}"
            self.file = self.path.open("xb")
            try:
                self._state(await_device(devices, list(before.values())), granted=False)
                fcntl.lockf(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BaseException:
                self._forget()
                raise

    def wait(self, poll_seconds: float) -> Device:
        """Return the device granted, as soon as there is one."""
        logged = False
        while True:
            with _alone(self.folder):
                living = _active_requests(self.folder)
                before = [x for path, x in living.items() if x.granted or path < self.path]
                if device := place(self.devices, self.need_bytes, before):
                    self._state(device, granted=True)
                    return device
            if not logged:
                log.info("%s", self._waiting_message(before))
                logged = True
            sleep(poll_seconds)

    def leave(self) -> None:
        """Free the place, unless a child that was forked inside the block leaves it too.

        No other thread looks meanwhile: one that found the file gone would take its name, and lose
        what is kept here under it.
        """
        with _MUTEX:
            self._forget()

    def _forget(self) -> None:
        """Remove the file before its lock, so that nobody finds it there and free."""
        if self.path in _OURS:
            self.path.unlink(missing_ok=True)
            del _OURS[self.path]
        self.file.close()

    def _state(self, device: Device, *, granted: bool) -> None:
        """Add a line with what holds now: one write, which a kill finds done or not begun."""
        request = Request(device=device.name, bytes=device.asked(self.need_bytes), granted=granted)
        self.file.write(f"{request.canonical()}\n".encode())
        self.file.flush()
        _OURS[self.path] = request

    def _waiting_message(self, before: Sequence[Request]) -> str:
        wanted = "a whole device" if self.need_bytes is None else gb(self.need_bytes)
        room = room_on(self.devices, before)
        free = ", ".join(f"{x.name} ({gb(left)} of {gb(x.bytes)})" for x, left in room.items())
        waiting = sum(not request.granted for request in before)
        return f"waiting for {wanted}, behind {waiting} others; free: {free}"


_MUTEX = threading.Lock()
"""A POSIX lock belongs to the process: it keeps no thread of its own out."""

_OURS: dict[Path, Request] = {}
"""The requests of this process, whose files it must not open: to close one would drop its lock."""


def _after_fork() -> None:
    _OURS.clear()
    _MUTEX.release()


os.register_at_fork(
    before=_MUTEX.acquire, after_in_parent=_MUTEX.release, after_in_child=_after_fork
)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep other processes and threads out: whoever changes what is granted does it in here."""
    with _MUTEX, (folder / "lock").open("ab") as file:
        fcntl.lockf(file, fcntl.LOCK_EX)
        yield


def _active_requests(folder: Path) -> dict[Path, Request]:
    """Return the requests whose processes live, as they came; remove the others'."""
    living: dict[Path, Request] = {}
    for path in sorted(folder.glob("[0-9]*")):
        if request := _OURS.get(path) or _others(path):
            living[path] = request
    return living


def _others(path: Path) -> Request | None:
    try:
        file = path.open("r+b")
    except FileNotFoundError:  # has just left
        return None
    with file:
        if _is_locked(file):
            return Request.model_validate_json(file.readlines()[-1])
        path.unlink(missing_ok=True)  # inside _alone no other request can have taken this name
        return None


def _is_locked(file: BinaryIO) -> bool:
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return True
    return False


def _usable(folder: Path) -> Path:
    hint = "CXV_SLOTS may name another folder of this machine"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{folder}: {error.strerror}; {hint}") from error
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise UserError(f"{folder}: belongs to somebody else; {hint}")
    return folder.resolve()
