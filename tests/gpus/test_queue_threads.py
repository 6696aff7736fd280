"""Threads of one process on shared devices: none shares a place, loses one, or starves."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from cxv.gpus.placement import Device
from cxv.gpus.queue import reserve

A = Device("a", 16)


@pytest.fixture
def background() -> Iterator[Callable[[Callable[[], None]], threading.Thread]]:
    """Start threads; none may outlive its test."""
    threads: list[threading.Thread] = []

    def start(work: Callable[[], None]) -> threading.Thread:
        threads.append(threading.Thread(target=work))
        threads[-1].start()
        return threads[-1]

    yield start
    for thread in threads:
        thread.join(timeout=60)
        assert not thread.is_alive()


def test_threads_of_one_process_share_no_place(
    tmp_path: Path, background: Callable[[Callable[[], None]], threading.Thread]
) -> None:
    inside: list[int] = []

    def work() -> None:
        for _ in range(20):
            with reserve([A], 9, folder=tmp_path, poll_seconds=0.001):
                inside.append(1)
                assert len(inside) == 1
                inside.pop()

    first, second = background(work), background(work)
    first.join()
    second.join()
    assert not inside


def test_who_leaves_loses_no_place_of_a_thread_that_comes_at_that_moment(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    background: Callable[[Callable[[], None]], threading.Thread],
) -> None:
    """The file is gone, so its name is free: the newcomer takes it and must keep it."""
    left, unlink = threading.Event(), Path.unlink
    others: list[threading.Thread] = []

    def come() -> None:
        with reserve([A], 9, folder=tmp_path, poll_seconds=0.001):
            left.wait(60)

    def unlink_and_look_up(path: Path, missing_ok: bool = False) -> None:
        unlink(path, missing_ok=missing_ok)
        monkeypatch.undo()
        others.append(background(come))
        others[0].join(timeout=0.2)  # it gets in here, or has to wait

    with reserve([A], 9, folder=tmp_path):
        monkeypatch.setattr(Path, "unlink", unlink_and_look_up)
    left.set()
    others[0].join(60)
    assert [path.name for path in tmp_path.iterdir()] == ["lock"]


def test_a_large_request_is_not_starved_by_a_stream_of_small_ones(
    tmp_path: Path, background: Callable[[Callable[[], None]], threading.Thread]
) -> None:
    served = threading.Event()

    def large() -> None:
        with reserve([A], None, folder=tmp_path, poll_seconds=0.001):
            served.set()

    with ExitStack() as held:  # there is always a small one before the last one goes
        held.enter_context(reserve([A], 4, folder=tmp_path))
        waiter = background(large)
        while len(list(tmp_path.glob("[0-9]*"))) < 2:
            served.wait(0.001)
        late = threading.Event()

        def small() -> None:
            with reserve([A], 4, folder=tmp_path, poll_seconds=0.001):
                assert served.is_set()
                late.set()

        behind = background(small)
        while len(list(tmp_path.glob("[0-9]*"))) < 3:
            served.wait(0.001)
        assert not late.is_set()  # 12 of 16 are free, and the first in the queue has none of them
    waiter.join()
    behind.join()
    assert late.is_set()
