"""Snakemake's events as lines that one can read: what is planned, done, failed and left."""

import re
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping
from logging import WARNING, LogRecord
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Column
from snakemake_interface_logger_plugins.common import LogEvent
from snakemake_interface_logger_plugins.settings import OutputSettingsLoggerInterface

from .tally import Job, Tally

MINUTE, HOUR = 60, 3600  # seconds
TAIL = 15  # lines of a failed job's log
CHATTER = (  # said without an event, so known by its first words; what is not listed is shown
    "Assuming unrestricted shared filesystem",
    "Building DAG of jobs",
    "Cleaning up SLURM log files",
    "Conda environments: ignored",
    "Elapsed time",
    "Exiting because a job execution failed",
    "No SLURM account given",  # on Slurm it is guessed; a refusal says what to set
    "No account was given, not able to get a SLURM account",
    "Reasons:",
    "Rules with provenance triggered jobs",
    "Select jobs to execute",
    "Some jobs were triggered by provenance",
    "This was a dry-run",
    "Unable to guess SLURM account",
    "Using shell",
)
INTERRUPTED = "Terminating processes on user request"
SAVED = "rerun to resume"  # the last word of a training that a signal stopped
SHELL_COMMAND = re.compile(r"'set -euo pipefail;.*' (?=returned|died)", re.DOTALL)
REASONS = {  # Snakemake's words, which go on to list every file and value, and ours
    "Forced execution": "forced",
    "Missing output files": "no output yet",
    "Incomplete output files": "output incomplete",
    "Updated input files": "input changed",
    "Input files updated by another job": "input remade",
    "Set of input files has changed": "other inputs",
    "Code has changed": "rule changed",
    "Params have changed": "parameters changed",
    "Software environment definition has changed": "environment changed",
    "always executed": "always",
}


class Display:
    """Prints lines; on a terminal also a bar below them."""

    def __init__(self, settings: OutputSettingsLoggerInterface) -> None:
        self.console = Console(
            stderr=not settings.stdout,
            no_color=settings.nocolor or None,  # None: as the environment says
            soft_wrap=True,
            markup=False,
            emoji=False,
            highlight=False,
        )
        self.dryrun = settings.dryrun
        self.tail = None if settings.show_failed_logs else TAIL
        self.tally = Tally()
        self.now = 0.0  # time of the last record
        self.interrupted = False  # by Ctrl-C
        self.bar: Progress | None = None

    def show(self, record: LogRecord) -> None:
        """Show one record of Snakemake's log; an event that says nothing here is ignored."""
        fields, self.now = vars(record), record.created
        match fields.get("event"):
            case LogEvent.RUN_INFO:
                self._plan(fields["stats"])
            case LogEvent.JOB_INFO:
                self._announce(fields)
            case LogEvent.JOB_FINISHED if fields["job_id"] in self.tally.jobs:
                self._finish(fields["job_id"])
            case LogEvent.JOB_ERROR:
                self._fail(fields)
            case LogEvent.PROGRESS:
                self.tally.total = fields["total"]  # checkpoints add jobs
            case LogEvent.SHELLCMD:
                self._say(fields.get("shellcmd") or fields.get("cmd") or "", style="dim")
            case event if event is None or record.levelno >= WARNING:
                self._repeat(record)
        self._redraw()

    def close(self) -> None:
        """Take the bar away and say how it ended."""
        if self.bar:
            self.bar.stop()
        tally, self.tally = self.tally, Tally()
        if self.dryrun:
            self._say(*plan_table(tally))
        elif tally.total:
            left = tally.total - tally.done - len(tally.failed)
            took = spoken(tally.elapsed(self.now))
            failed = f"{len(tally.failed)} failed, " if not self.interrupted else ""
            counts = f"{tally.done} done, {failed}{left} not run, {took}"
            if self.interrupted:
                self._say(f"interrupted: {counts}; type the same command again to go on")
            else:
                self._say(counts, style="red" if left or tally.failed else "green")

    def _plan(self, stats: Mapping[str, int]) -> None:
        self.tally.planned = Counter({rule: n for rule, n in stats.items() if rule != "total"})
        self.tally.total = self.tally.planned.total()
        if self.dryrun:
            return
        rules = ", ".join(f"{rule} {jobs}" for rule, jobs in self.tally.planned.items())
        self._say(f"{self.tally.total} jobs: {rules}", style="bold")
        if self.console.is_terminal:
            self._start_bar()

    def _announce(self, fields: Mapping[str, Any]) -> None:
        name = " ".join(map(str, fields["wildcards"].values()))
        job = Job(fields["rule_name"], name, short_reason(fields["reason"]), self.now)
        self.tally.start(fields["jobid"], job)
        if self.dryrun:
            self._say(f"would run  {self._columns(job)}  {job.reason}", style="dim")

    def _finish(self, number: int) -> None:
        took = self.tally.finish(number, self.now)
        left = self.tally.seconds_left(self.now)
        count = f"[{self.tally.done:{len(str(self.tally.total))}}/{self.tally.total}]"
        about = "" if left is None else f"   left about {spoken(left)}"
        self._say(f"{count} {self._columns(self.tally.jobs[number])}  {spoken(took):>6}{about}")

    def _fail(self, fields: Mapping[str, Any]) -> None:
        job = self.tally.jobs.get(fields["jobid"])
        saved = any(SAVED in line for path in fields["log"] for line in last_lines(path, 1))
        stopped = self.interrupted or saved
        self.tally.stop(fields["jobid"]) if stopped else self.tally.fail(fields["jobid"])
        who = (job.name, f"after {spoken(self.now - job.started)}") if job else ()
        how = ("stopped", "its state is saved" if saved else "") if stopped else ("failed", "")
        title = "  ".join(filter(None, (how[0], fields["rule_name"], *who, how[1])))
        if stopped:
            self._say(title)
        else:
            self._say(title, *failure(fields, self.tail), style="red")

    def _repeat(self, record: LogRecord) -> None:
        message = record.getMessage()
        if message.startswith(INTERRUPTED):
            self.interrupted = True
            message = "Interrupted: waiting for jobs to save and end."
        elif self.interrupted and record.levelno >= WARNING:  # that jobs did not end well
            return
        if not message.startswith(CHATTER):
            message = SHELL_COMMAND.sub("", message)  # long, and shown once, with its log
            self._say(message, style="yellow" if record.levelno >= WARNING else None)

    def _columns(self, job: Job) -> str:
        rule = max(map(len, self.tally.planned), default=0)
        name = max(len(known.name) for known in self.tally.jobs.values())
        return f"{job.rule:{rule}}  {job.name:{name}}"

    def _say(self, *lines: str, style: str | None = None) -> None:
        if any(lines):
            self.console.print("\n".join(lines), style=style)

    def _start_bar(self) -> None:
        running = Column(no_wrap=True, overflow="ellipsis")
        text = TextColumn("{task.description}", markup=False, table_column=running)
        columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), text)
        self.bar = Progress(*columns, console=self.console, transient=True, refresh_per_second=2)
        self.bar.add_task("", total=self.tally.total)
        self.bar.start()

    def _redraw(self) -> None:
        if self.bar:
            tally, (task,) = self.tally, self.bar.task_ids
            running = (tally.jobs[number] for number in sorted(tally.running))
            names = ", ".join(f"{job.rule} {job.name}".strip() for job in running)
            self.bar.update(task, completed=tally.done, total=tally.total, description=names)


def plan_table(tally: Tally) -> Iterable[str]:
    """Yield what a dry run would do: a line for each rule with its reasons counted."""
    if not tally.total:
        return
    reasons: dict[str, Counter[str]] = defaultdict(Counter)
    for job in tally.jobs.values():
        reasons[job.rule][job.reason] += 1
    width = max(map(len, ("total", *tally.planned)))
    yield f"{'rule':{width}}  jobs  because"
    for rule, jobs in tally.planned.items():
        because = ", ".join(f"{n} {reason}" for reason, n in reasons[rule].most_common())
        yield f"{rule:{width}}  {jobs:4}  {because}"
    yield f"{'total':{width}}  {tally.total:4}"


def short_reason(reason: str) -> str:
    """Return why a job runs, without the files and values that Snakemake lists."""
    return ", ".join(ours for theirs, ours in REASONS.items() if theirs in reason) or reason


def failure(fields: Mapping[str, Any], tail: int | None) -> Iterable[str]:
    """Yield all that is known of a failed job, the last ``tail`` lines of its logs included."""
    known = {"message": fields["rule_msg"], **fields["aux"], "command": fields["shellcmd"]}
    yield from (f"    {key}: {value}" for key, value in known.items() if value)
    for path in fields["log"]:
        yield f"    log: {path}"
        yield from (f"    | {line}" for line in last_lines(path, tail))


def last_lines(path: str, count: int | None) -> list[str]:
    """Return the end of a text file, or why it cannot be read."""
    try:
        with open(path, encoding="utf-8", errors="replace") as lines:
            return [line.rstrip("\n") for line in deque(lines, maxlen=count)]
    except OSError as error:
        return [str(error)]


def spoken(seconds: float) -> str:
    """Return a duration as people say it: ``41 s``, ``3 min``, ``2.1 h``."""
    if seconds < 2 * MINUTE:
        return f"{seconds:.0f} s"
    return f"{seconds / MINUTE:.0f} min" if seconds < 2 * HOUR else f"{seconds / HOUR:.1f} h"
