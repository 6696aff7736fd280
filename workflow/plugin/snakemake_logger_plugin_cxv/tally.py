"""Count the jobs of a workflow while it runs, and estimate how long the rest will take."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from statistics import fmean


@dataclass(frozen=True, slots=True)
class Job:
    """One job as Snakemake announced it; ``started`` is in seconds since the epoch."""

    rule: str
    name: str
    reason: str
    started: float


@dataclass(slots=True)
class Tally:
    """Who is planned, running, done and failed, by the events seen so far."""

    total: int = 0
    planned: Counter[str] = field(default_factory=Counter)  # rule -> jobs
    jobs: dict[int, Job] = field(default_factory=dict)
    running: set[int] = field(default_factory=set)
    failed: set[int] = field(default_factory=set)
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    @property
    def done(self) -> int:
        """Jobs that have finished well."""
        return sum(map(len, self.seconds.values()))

    def start(self, number: int, job: Job) -> None:
        """Note a job that starts, maybe not for the first time."""
        self.jobs[number] = job
        self.running.add(number)

    def finish(self, number: int, now: float) -> float:
        """Note a job that has ended well; return how many seconds it took."""
        job = self.jobs[number]
        self.running.discard(number)
        self.failed.discard(number)
        self.seconds[job.rule].append(now - job.started)
        return now - job.started

    def fail(self, number: int) -> None:
        """Note a job that has failed."""
        self.running.discard(number)
        self.failed.add(number)

    def stop(self, number: int) -> None:
        """Note a job that was stopped and is no failure: it resumes when it is run again."""
        self.running.discard(number)

    def elapsed(self, now: float) -> float:
        """Seconds since the first job started."""
        return now - min((job.started for job in self.jobs.values()), default=now)

    def seconds_left(self, now: float) -> float | None:
        """Mean seconds of each rule times its jobs left, over as many at a time as until now.

        How many run at a time is what cores, GPUs and the graph allowed so far: the jobs' seconds
        over the seconds that passed. None while most of what is left is of rules not yet timed.
        """
        left = {rule: jobs - len(self.seconds[rule]) for rule, jobs in self.planned.items()}
        means = {rule: fmean(seconds) for rule, seconds in self.seconds.items() if seconds}
        running = sum(now - self.jobs[number].started for number in self.running)
        busy = sum(map(sum, self.seconds.values())) + running
        if not busy or 2 * sum(left.get(rule, 0) for rule in means) <= sum(left.values()):
            return None
        work = sum(mean * left.get(rule, 0) for rule, mean in means.items()) - running
        return max(work, 0) * self.elapsed(now) / busy
