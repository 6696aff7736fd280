"""Which device a request gets, and which it keeps from those that come later."""

from cxv.gpus.placement import Device, Request, await_device, place

A, B = Device("a", 16), Device("b", 16)


def granted(device: Device, bytes: int) -> Request:
    return Request(device=device.name, bytes=bytes, granted=True)


def waiting(device: Device, bytes: int) -> Request:
    return Request(device=device.name, bytes=bytes, granted=False)


def test_the_emptiest_device_is_taken_and_of_equals_the_first() -> None:
    assert place([A, B], 4, []) == A
    assert place([A, B], 4, [granted(A, 1)]) == B
    assert place([A, B], 4, [granted(A, 13), granted(B, 12)]) == B
    assert place([A, B], 4, [granted(A, 13), granted(B, 13)]) is None


def test_a_whole_device_is_one_with_no_other_on_it() -> None:
    assert place([A, B], None, [granted(A, 1)]) == B
    assert place([A, B], None, [granted(A, 1), granted(B, 1)]) is None


def test_nobody_takes_the_room_that_an_earlier_request_waits_for() -> None:
    before = [granted(A, 8), granted(B, 12), waiting(A, 16)]
    assert place([A, B], 2, before) == B  # though a has more room
    assert place([A, B], 8, before) is None


def test_a_request_waits_for_the_emptiest_device_that_none_awaits_yet() -> None:
    full = [granted(A, 8), granted(B, 12)]
    assert await_device([A, B], full) == A
    assert await_device([A, B], [*full, waiting(A, 16)]) == B
    assert await_device([A, B], [*full, waiting(A, 16), waiting(B, 16)]) == A
