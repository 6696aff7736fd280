"""A state's file: what it belongs to, when it is written, which signals it hears, who is alone."""

import os
import random
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tiny import Clock, learner, same, weights
from trained import first

from cxv.config.spec import Run
from cxv.errors import Stopped, UserError
from cxv.records.identity import TrainingIdentity
from cxv.training import checkpointing
from cxv.training.checkpointing import Checkpointer

GROUND = {"torch": "2.0", "device": "cpu", "CPU threads": "1"}
SIGNALS = [signal.SIGTERM, signal.SIGINT, signal.SIGUSR1, signal.SIGHUP]
Keep = Callable[..., Checkpointer]


@pytest.fixture
def keep(run: Run, tmp_path: Path) -> Keep:
    """Make a keeper of one training, some facts about it changed."""

    def made(
        ground: dict[str, str] = GROUND, every_seconds: float = 300.0, **changes: Any
    ) -> Checkpointer:
        facts: dict[str, Any] = {
            "run": first(run), "precision": "float32", "code": "c", "data_sha256": "d",
            "parent_sha256": None,
        }  # fmt: skip
        return Checkpointer(tmp_path, TrainingIdentity(**facts | changes), ground, every_seconds)

    return made


@pytest.fixture(params=SIGNALS, ids=lambda number: number.name)
def number(request: pytest.FixtureRequest) -> Iterator[signal.Signals]:
    """A signal that would raise Struck at once."""
    number: signal.Signals = request.param
    former = signal.signal(number, strike)
    yield number
    assert signal.signal(number, former) is strike


class Struck(BaseException): ...


def strike(*_: Any) -> None:
    raise Struck


def test_a_signal_is_answered_at_the_next_pause_when_the_state_is_saved(
    keep: Keep, number: signal.Signals
) -> None:
    trained = learner()
    trained.epoch()
    checkpointer = keep()
    with pytest.raises(Stopped, match=f": {number.name}: "), checkpointer.hear_signals():  # noqa: PT012
        os.kill(os.getpid(), number)
        trained.epoch()
        checkpointer.on_step(trained)
    again = learner()
    assert keep().restore(again)
    assert len(again.history) == 2
    assert same(weights(again.model), weights(trained.model))


def test_a_second_signal_of_its_kind_is_answered_at_once(
    keep: Keep, number: signal.Signals
) -> None:
    checkpointer = keep()
    with pytest.raises(Struck), checkpointer.hear_signals():  # noqa: PT012
        os.kill(os.getpid(), number)
        os.kill(os.getpid(), number)
    assert not keep().restore(learner())


def test_a_signal_of_another_kind_still_waits_for_the_state(keep: Keep) -> None:
    """A terminal sends Ctrl-C to Snakemake and its jobs; then Snakemake ends these by SIGTERM."""
    checkpointer = keep()
    with pytest.raises(Stopped, match="SIGTERM"), checkpointer.hear_signals():  # noqa: PT012
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGTERM)
        checkpointer.on_step(learner())
    assert keep().restore(learner())


def test_signals_do_what_they_did_once_a_training_is_over(
    keep: Keep, number: signal.Signals
) -> None:
    with keep().hear_signals():
        assert signal.getsignal(number) is not strike
    assert signal.getsignal(number) is strike


def test_without_a_signal_a_state_is_saved_as_often_as_asked_for(
    keep: Keep, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, trained = Clock(), learner()
    clock.now = 1000.0  # since the machine started, which counts for nothing
    monkeypatch.setattr(checkpointing, "time", clock)
    checkpointer = keep(every_seconds=2.0)
    saved = []
    with checkpointer.hear_signals():
        for _ in range(6):
            checkpointer.on_step(trained)
            saved.append(keep().restore(learner()))
            for state in tmp_path.rglob("*.pt"):
                state.unlink()
            clock.tick()
    assert saved == [False, False, True, False, True, False]


def test_interruptions_and_moves_add_up(keep: Keep) -> None:
    grounds = [GROUND, GROUND | {"device": "P100"}, GROUND | {"device": "P100", "torch": "2.1"}]
    counts, environment_changes = [], []
    for ground in grounds:
        checkpointer = keep(ground)
        checkpointer.restore(learner())
        checkpointer.save(learner())
        counts.append(checkpointer.interruptions)
        environment_changes.append(checkpointer.environment_changes)
    first_move, second_move = (
        "resumed with device P100 after cpu",
        "resumed with torch 2.1 after 2.0",
    )
    assert counts == [0, 1, 2]
    assert environment_changes == [[], [first_move], [first_move, second_move]]


@pytest.mark.parametrize(
    "changes", [{"code": "other"}, {"data_sha256": "other"}, {"parent_sha256": "other"}]
)
def test_a_state_of_other_code_data_or_parent_is_left_alone(
    keep: Keep, changes: dict[str, str]
) -> None:
    keep().save(learner())
    assert not keep(**changes).restore(learner())
    assert keep().restore(learner())


def test_a_state_under_anothers_name_is_refused_with_all_that_differs(
    keep: Keep, tmp_path: Path
) -> None:
    keep().save(learner())
    [mine] = tmp_path.rglob("*.pt")
    keep(code="k", parent_sha256="p").save(learner())
    [others] = set(tmp_path.rglob("*.pt")) - {mine}
    others.replace(mine)
    said = "belongs to another training: code: 'k' != 'c', parent_sha256: 'p' != None; delete it"
    with pytest.raises(UserError, match=said):
        keep().restore(learner())


def test_no_flipped_bit_of_a_state_is_resumed_from(keep: Keep, tmp_path: Path) -> None:
    trained = learner()
    trained.epoch()
    keep().save(trained)
    [path] = tmp_path.rglob("*.pt")
    whole = path.read_bytes()
    draws = random.Random(0)
    for at in (0, len(whole) - 1, *(draws.randrange(len(whole)) for _ in range(60))):
        flipped = bytearray(whole)
        flipped[at] ^= 1 << draws.randrange(8)
        path.write_bytes(flipped)
        with pytest.raises(UserError, match="its checksum is wrong"):
            keep().restore(learner())
    path.write_bytes(whole)
    assert keep().restore(learner())


def test_a_terminal_that_closes_is_ignored_under_nohup(keep: Keep) -> None:
    former = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with keep().hear_signals():
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, former)
