"""The Snakemake plugin's display: events turned into counts, durations and lines."""

import logging
from pathlib import Path
from types import SimpleNamespace

import pytest
from snakemake_interface_logger_plugins.common import LogEvent
from snakemake_logger_plugin_cxv import LogHandler
from snakemake_logger_plugin_cxv.display import last_lines, short_reason, spoken
from snakemake_logger_plugin_cxv.tally import Job, Tally


def test_time_left_is_the_mean_of_each_rule_over_the_jobs_at_a_time() -> None:
    tally = Tally(total=9)
    tally.planned.update(train=8, table=1)
    for number in range(4):
        tally.start(number, Job("train", str(number), "", started=100.0))
    assert tally.seconds_left(150.0) is None  # no train job timed yet
    tally.finish(0, 140.0)
    tally.finish(1, 160.0)  # mean 50 s; 6 left: 300 s, and the 2 running have done 120 s of them
    assert tally.seconds_left(160.0) == pytest.approx((300 - 120) * 60 / (40 + 60 + 120))


def test_time_left_is_not_guessed_from_quick_rules() -> None:
    tally = Tally(total=40)
    tally.planned.update(fetch=2, train=38)
    tally.start(0, Job("fetch", "", "", started=0.0))
    tally.finish(0, 1.0)
    assert tally.seconds_left(1.0) is None


def test_a_job_that_succeeds_at_the_second_try_is_not_failed() -> None:
    tally = Tally(total=1)
    for _ in range(2):
        tally.start(7, Job("train", "", "", started=0.0))
        tally.fail(7)
    tally.start(7, Job("train", "", "", started=5.0))
    assert tally.finish(7, 6.0) == 1.0
    assert (tally.done, tally.failed, tally.running) == (1, set(), set())


def test_durations_are_spoken_in_units_of_their_size() -> None:
    assert [spoken(s) for s in (0.4, 41, 180, 7560)] == ["0 s", "41 s", "3 min", "2.1 h"]


def test_reasons_lose_their_files_and_values() -> None:
    theirs = "Missing output files: a, b; Params have changed since last execution: before: {}"
    assert short_reason(theirs) == "no output yet, parameters changed"
    assert short_reason("Something new") == "Something new"


def test_the_end_of_a_log_survives_other_encodings_and_its_absence(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"1\n2\n\xff3\n")
    assert last_lines(str(tmp_path / "log"), 2) == ["2", "\ufffd3"]
    assert "No such file" in last_lines(str(tmp_path / "missing"), 2)[0]


@pytest.fixture
def handler() -> LogHandler:
    settings = SimpleNamespace(stdout=True, nocolor=True, dryrun=False, show_failed_logs=False)
    return LogHandler(settings, None)


def record(message: str | None = None, **fields: object) -> logging.LogRecord:
    return logging.makeLogRecord({"msg": message, "levelno": logging.INFO, "created": 0, **fields})


def test_unknown_events_are_ignored_and_broken_ones_survived(
    handler: LogHandler, capsys: pytest.CaptureFixture[str]
) -> None:
    handler.handle(record("?", event="invented_tomorrow"))
    handler.handle(record(event=LogEvent.JOB_FINISHED, job_id=404))
    assert capsys.readouterr() == ("", "")
    handler.handle(record(event=LogEvent.JOB_INFO))  # its fields renamed
    handler.handle(record("still here"))
    out, err = capsys.readouterr()
    assert out == "still here\n"
    assert "KeyError" in err


def test_quiet_hides_progress_but_no_error(
    handler: LogHandler, capsys: pytest.CaptureFixture[str]
) -> None:
    handler.addFilter(lambda record: False)
    handler.handle(record("chat"))
    handler.handle(record("careful", levelno=logging.WARNING))
    handler.handle(record("x" * 500, levelno=logging.ERROR, event=LogEvent.ERROR))
    assert capsys.readouterr().out == f"careful\n{'x' * 500}\n"


def test_guesses_of_the_slurm_plugin_do_not_alarm(
    handler: LogHandler, capsys: pytest.CaptureFixture[str]
) -> None:
    """It passes a pipe to sacct without a shell: each of its commands would warn of option '1'."""
    for guess in (
        "No SLURM account given, trying to guess.",
        "No account was given, not able to get a SLURM account via sacct: sacct: invalid option",
        "Unable to guess SLURM account. Trying to proceed without.",
    ):
        handler.handle(record(guess, levelno=logging.WARNING))
    handler.handle(record("Guessed SLURM account: lab", levelno=logging.WARNING))
    assert capsys.readouterr().out == "Guessed SLURM account: lab\n"


def test_a_terminal_has_a_bar_with_what_runs_and_gets_its_cursor_back(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    request: pytest.FixtureRequest,
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")  # rich takes this for a terminal
    handler = request.getfixturevalue("handler")
    job = {"jobid": 3, "rule_name": "train", "wildcards": {"run": "digits/cpv"}, "reason": ""}
    handler.handle(record(event=LogEvent.RUN_INFO, stats={"train": 1, "total": 1}))
    handler.handle(record(event=LogEvent.JOB_INFO, **job))
    handler.display.bar.refresh()
    assert "train digits/cpv" in capsys.readouterr().out
    handler.handle(record(event=LogEvent.JOB_FINISHED, job_id=3, created=41))
    handler.close()
    out = capsys.readouterr().out
    assert "[1/1] train  digits/cpv    41 s" in out
    assert "\x1b[?25h" in out
    assert "1 done, 0 failed, 0 not run, 41 s" in out


def failed(log: Path) -> logging.LogRecord:
    fields = {"jobid": 3, "rule_name": "train", "rule_msg": None, "aux": {}, "shellcmd": "x"}
    return record(event=LogEvent.JOB_ERROR, levelno=logging.ERROR, log=[str(log)], **fields)


STARTED = {"jobid": 3, "rule_name": "train", "wildcards": {"run": "digits/cpv"}, "reason": ""}


def test_after_ctrl_c_nothing_is_called_failed(
    handler: LogHandler, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Snakemake says so of each job that it ends, and then says what went wrong."""
    log = tmp_path / "log"
    log.write_text("epoch 1\nSIGINT: state saved to x; rerun to resume\n")
    handler.handle(record(event=LogEvent.RUN_INFO, stats={"train": 2, "total": 2}))
    handler.handle(record(event=LogEvent.JOB_INFO, **STARTED))
    handler.handle(record("Terminating processes on user request, this might take some time."))
    handler.handle(record("CalledProcessError: non-zero exit", levelno=logging.ERROR))
    handler.handle(failed(log))
    handler.handle(record("WorkflowError: not all is done", levelno=logging.ERROR))
    handler.close()
    assert capsys.readouterr().out.splitlines() == [
        "2 jobs: train 2",
        "Interrupted: waiting for jobs to save and end.",
        "stopped  train  digits/cpv  after 0 s  its state is saved",
        "interrupted: 0 done, 2 not run, 0 s; type the same command again to go on",
    ]


def test_a_training_that_saved_is_stopped_and_another_one_failed(
    handler: LogHandler, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A time limit ends a job with a signal; Snakemake calls that an error and starts it again."""
    log = tmp_path / "log"
    handler.handle(record(event=LogEvent.RUN_INFO, stats={"train": 1, "total": 1}))
    for text in ("SIGTERM: state saved to x; rerun to resume\n", "out of memory\n"):
        log.write_text(text)
        handler.handle(record(event=LogEvent.JOB_INFO, **STARTED))
        handler.handle(failed(log))
    lines = capsys.readouterr().out.splitlines()
    assert lines[1:3] == [
        "stopped  train  digits/cpv  after 0 s  its state is saved",
        "failed  train  digits/cpv  after 0 s",
    ]
