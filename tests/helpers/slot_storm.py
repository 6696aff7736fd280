"""Processes that reserve, are killed and come back: ``slot_storm.py FOLDER whole|mixed|careless``.

Writes how often each device was taken, and as ``!`` how often it was too full, in JSON.

A holder proves its place by locks on single bytes of a file that stands for the device, one byte
for each unit that it has reserved; who finds too few of them free is one too many. The kernel frees
them with the process, and before its place: it closes files in the order of their opening.
"""

import fcntl
import json
import os
import random
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from cxv.gpus import queue
from cxv.gpus.placement import Device

UNITS, PROCESSES, KILLS = 16, 8, 100
LIFETIME_SECONDS = 100  # of a holder, should the storm itself be killed
DEVICES = [Device(name, UNITS) for name in "abcd"]
NEEDS = {"whole": [None], "mixed": [1, 2, 3, 5, 8, 13, None], "careless": [5, None]}


def hold(folder: Path, needs: list[int | None]) -> None:
    """Reserve and prove it, for ever."""
    with (folder / "gate").open("ab") as gate, (folder / "said").open("ab", buffering=0) as said:
        proofs = {device: (folder / device.name).open("ab") for device in DEVICES}
        while True:
            need = random.choice(needs)
            place = queue.reserve(DEVICES, need, folder=folder / "slots", poll_seconds=0.001)
            with place as device, entered(gate, proofs[device], device.asked(need)) as had_room:
                said.write(device.name.encode() if had_room else b"!")
                time.sleep(random.expovariate(500))


@contextmanager
def entered(gate: BinaryIO, proof: BinaryIO, units: int) -> Iterator[bool]:
    """Lock a byte for each unit; tell whether so many were free."""
    fcntl.lockf(gate, fcntl.LOCK_EX)  # none is taken meanwhile: what the search has passed is full
    free = (start for start in range(UNITS) if is_free(proof, start))
    found = len(list(islice(free, units)))
    fcntl.lockf(gate, fcntl.LOCK_UN)
    yield found == units
    fcntl.lockf(proof, fcntl.LOCK_UN)


def is_free(proof: BinaryIO, start: int) -> bool:
    """Lock one byte if nobody has."""
    try:
        fcntl.lockf(proof, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, start)
    except OSError:
        return False
    return True


def started(folder: Path, mode: str) -> int:
    """Return the id of a new holder."""
    if child := os.fork():
        return child
    signal.alarm(LIFETIME_SECONDS)
    random.seed()
    try:
        hold(folder, NEEDS[mode])
    finally:
        traceback.print_exc()
        os._exit(1)


def storm(folder: Path, mode: str) -> str:
    """Kill holders at random, each time after a few more places were taken."""
    said = folder / "said"
    said.touch()
    children = [started(folder, mode) for _ in range(PROCESSES)]
    try:
        for _ in range(KILLS):
            enough = said.stat().st_size + random.randrange(4)
            while said.stat().st_size < enough:
                time.sleep(0.001)
            time.sleep(random.expovariate(500))
            end(children.pop(random.randrange(PROCESSES)))
            children.append(started(folder, mode))
    finally:
        for child in children:
            end(child)
    return said.read_text()


def end(child: int) -> None:
    """Kill without a chance to clean up."""
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), "a holder failed by itself"


if __name__ == "__main__":
    _, folder, mode = sys.argv
    if mode == "careless":
        queue.place = lambda devices, need, before: random.choice(devices)
    sys.stdout.write(json.dumps(Counter(storm(Path(folder), mode))))
