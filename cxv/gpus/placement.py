"""Which device a request for bytes gets, and which it keeps later ones off while it waits."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pydantic import NonNegativeInt

from cxv.config.strict_model import StrictModel


@dataclass(frozen=True, slots=True)
class Device:
    """Something with room for ``bytes``; all processes know it by one name."""

    name: str
    bytes: int

    def asked(self, need_bytes: int | None) -> int:
        """Return the bytes that a request takes here; None stands for all."""
        return self.bytes if need_bytes is None else need_bytes


class Request(StrictModel):
    """What the file of a request says."""

    device: str  # of its reservation; of a waiting one, closed to later requests
    bytes: NonNegativeInt
    granted: bool


def place(
    devices: Iterable[Device], need_bytes: int | None, before: Sequence[Request]
) -> Device | None:
    """Return the emptiest device that has room now, or None.

    The emptiest and not the fullest: two trainings on one device slow each other down while another
    stands idle. That large requests find a whole device is seen to by the order of waiting.

    Args:
        devices: those that may be chosen.
        need_bytes: None for all of a device.
        before: requests granted, and those that came earlier and wait.
    """
    awaited = {request.device for request in before if not request.granted}
    room = room_on(devices, before)
    fitting = [
        device
        for device, left in room.items()
        if device.name not in awaited and device.asked(need_bytes) <= left
    ]
    return max(fitting, key=room.__getitem__, default=None)


def await_device(devices: Iterable[Device], before: Sequence[Request]) -> Device:
    """Return the device that a request keeps later ones off: the emptiest that no other awaits."""
    awaited = Counter(request.device for request in before if not request.granted)
    room = room_on(devices, before)
    return max(room, key=lambda device: (-awaited[device.name], room[device]))


def room_on(devices: Iterable[Device], requests: Iterable[Request]) -> dict[Device, int]:
    """Return the bytes of each device that are granted to nobody."""
    taken: Counter[str] = Counter()
    for request in requests:
        taken[request.device] += request.bytes if request.granted else 0
    return {device: device.bytes - taken[device.name] for device in devices}


def gb(count: int) -> str:
    """Return bytes as people read them."""
    return f"{count / 1e9:.1f} GB"
