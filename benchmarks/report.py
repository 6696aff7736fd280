"""How long does a report take to make and to open? ``python -m benchmarks.report`` takes minutes.

The records of a study, ``claims`` if none is named, are made up in a temporary folder: curves up to
``max_epochs``, so of more epochs than trainings that stop early have. Each report is made by the
command that the workflow runs, in a process of its own, and then opened in Chromium, if there is
one, with an empty cache. A page is shown in the second frame after it was loaded. Medians.
"""

import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from statistics import median

from cxv.config.grid import Params
from cxv.config.load import load

BUILDS, OPENINGS = 3, 7
HELPERS = Path(__file__).parents[1] / "tests/helpers"
"""Where ``samples`` makes records up."""

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("chrome")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--dump-dom",
    "--disable-background-networking", "--enable-logging=stderr", "--v=0",
)  # fmt: skip
MARK = "measured "
CLOCK = """<script>
const clock = (act) => {
  const began = performance.now();
  act();
  return performance.now() - began;
};
const laid = (element) => element.getBoundingClientRect();
const measure = () => {
  const found = { shown: performance.now() };
  const [painted] = performance.getEntriesByName("first-contentful-paint");
  const [navigation] = performance.getEntriesByType("navigation");
  found["first painted"] = painted.startTime;
  found.loaded = navigation.loadEventEnd;
  found["evidence opened"] = clock(() => {
    document.querySelector("main td button[popovertarget]").click();
    laid(document.querySelector("[popover]:popover-open"));
  });
  document.querySelector("[popover]:popover-open").hidePopover();
  const heads = [...document.querySelectorAll("main th.number:has(.sort)")];
  const rows = (head) => head.closest("table").rows.length;
  const head = heads.sort((a, b) => rows(b) - rows(a))[0];
  found["largest table sorted"] = clock(() => {
    head.querySelector(".sort").click();
    laid(head.closest("table"));
  });
  console.log("MARK" + JSON.stringify(found));
};
const twice = (then) => requestAnimationFrame(() => requestAnimationFrame(then));
addEventListener("load", () => twice(measure));
</script>""".replace("MARK", MARK)


def build(params: Params, results: Path, out: Path) -> tuple[float, float]:
    """Make a report; return seconds of all cores, and by the clock."""
    options = ["--results", str(results), "--out", str(out)]
    spec = params.only(params.study).canonical()
    before, began = _children_seconds(), time.perf_counter()
    subprocess.run([sys.executable, "-m", "cxv", "report", spec, *options], check=True)
    return _children_seconds() - before, time.perf_counter() - began


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def opened(page: Path) -> dict[str, float]:
    """Open a copy of the page that has a clock; return milliseconds by what they were taken for.

    Raises:
        ValueError: the page measured nothing, say since its script failed.
    """
    copy = page.with_name("clocked.html")
    copy.write_text(page.read_text().replace("</body>", f"{CLOCK}</body>"))
    with tempfile.TemporaryDirectory() as profile:
        command = [str(CHROMIUM), *FLAGS, f"--user-data-dir={profile}", copy.as_uri()]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    _, found, rest = done.stderr.partition(MARK)
    if not found:
        raise ValueError(f"{page} measured nothing: {done.stderr}")
    milliseconds: dict[str, float] = json.loads(rest.partition("}")[0] + "}")
    return milliseconds


def show(name: str, values: Sequence[float], unit: str) -> None:
    """Print a line: median, and the range of the repeats."""
    spread = f"{min(values):10.1f} to {max(values):.1f}" if len(values) > 1 else ""
    print(f"{name:22}{median(values):10.1f} {unit:3}{spread}")


def main() -> None:
    """Print a line a quantity."""
    params = load(Path("params.yaml"))
    params = params.model_copy(update={"study": (*sys.argv[1:], "claims")[0]})
    sys.path.insert(0, str(HELPERS))
    samples = import_module("samples")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        samples.make(params, params.study, root)
        records = len(params.runs(params.study)) + len(params.profiles(params.study))
        print(f"study {params.study}: {records} records")
        cpu, wall = zip(*(build(params, root, root) for _ in range(BUILDS)), strict=True)
        show("built, all cores", cpu, "s")
        show("built, by the clock", wall, "s")
        for page in (root / "report.html", root / "report.md"):
            show(page.name, [page.stat().st_size / 1e6], "MB")
        if CHROMIUM:
            openings = [opened(root / "report.html") for _ in range(OPENINGS)]
            for name in openings[0]:
                show(name, [opening[name] for opening in openings], "ms")


if __name__ == "__main__":
    main()
