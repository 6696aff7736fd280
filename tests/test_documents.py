"""What README, CONTRIBUTING and the pages on data say is there is there, by these names."""

import re
import shlex
import tomllib
from collections.abc import Iterator
from importlib import import_module
from itertools import chain
from pathlib import Path

import pytest
import yaml
from papers import SHIPPED
from registry_rows import TABLE1
from shared_fixtures import ROOT

from cxv.__main__ import VERBS
from cxv.config.grid import ALL, Params
from cxv.config.load import load
from cxv.data.sources import CIFAR10_ARCHIVE, CIFAR100_ARCHIVE, TINY_IMAGENET_ARCHIVE
from cxv.jobs import check

README = (ROOT / "README.md").read_text()
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()
DOCUMENTS = [
    Path(x) for x in ("README.md", "CONTRIBUTING.md", "data/README.md", "data/paper/README.md")
]
TEXT = "\n".join((ROOT / path).read_text() for path in DOCUMENTS)
PARTS = ("data", "profiles", "runs")  # of a study, each a target
WORKFLOW = "\n".join(path.read_text() for path in (ROOT / "workflow/rules").iterdir())


def code(text: str) -> list[str]:
    """Return what is set as code: between back quotes, or in an indented line."""
    return [*re.findall(r"`([^`]+)`", text), *re.findall(r"^    (.+)$", text, re.MULTILINE)]


def block(first_line: str) -> str:
    """Return a block of the README that is set as code, without its indent."""
    lines = README.splitlines()
    start = lines.index(f"    {first_line}")
    end = next(i for i in range(start, len(lines)) if lines[i] and not lines[i].startswith("    "))
    return "\n".join(line[4:] for line in lines[start:end])


def paths(text: str) -> Iterator[str]:
    """Yield what looks like the path of a file of this repository."""
    for word in chain.from_iterable(map(str.split, code(text))):
        inside = re.fullmatch(r"(benchmarks|cxv|data|docs|tests|workflow)/[\w./*-]*", word)
        if inside or re.fullmatch(r"[\w.-]+\.(cff|csv|lock|md|py|toml|yaml)", word):
            yield word
    yield from (link for link in re.findall(r"\]\(([^)]+)\)", text) if "://" not in link)


MADE = {"dvc.lock", "data/raw", "paper.csv", "table.csv", "report.md", "verify.py"}
"""By the workflow and its commands."""


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_every_path_that_a_page_names_exists(document: Path) -> None:
    named = set(paths((ROOT / document).read_text())) - MADE
    places = [ROOT / x for x in (".", document.parent, "cxv/report", "data/paper")]
    assert named
    assert not {path for path in named if not any(list(place.glob(path)) for place in places)}


def test_every_result_that_the_readme_names_is_an_output_of_a_rule() -> None:
    folders = {
        "results/studies",
        "results/runs",
        "results/config_search",
        "results/model_summaries",
    }
    named = {word for line in code(README) for word in line.split() if word.startswith("results/")}
    assert len(named) >= 8
    for path in named:
        assert any(path.startswith(f"{folder}/") for folder in folders), path
        name = Path(path).name
        assert name == "..." or f"/{name}" in WORKFLOW or f"/{{row}}{Path(name).suffix}" in WORKFLOW


def test_every_module_of_the_straight_line_exists() -> None:
    """Such as ``config.grid.Params``, below ``cxv``."""
    diagram = CONTRIBUTING.partition("The straight line")[2].partition("Each package")[0]
    names = set(re.findall(r"\b(?<![./])[a-z_]+(?:\.\w+)+\b", diagram))
    names = {name for name in names if not re.search(r"\.(yaml|csv|json|html|md|tex)$", name)}
    assert len(names) >= 20
    for name in names:
        module, _, member = name.removeprefix("cxv.").rpartition(".")
        package = import_module(f"cxv.{module}")
        assert hasattr(package, member) or import_module(f"cxv.{module}.{member}"), name


def test_every_verb_and_benchmark_that_a_page_names_exists() -> None:
    typed = re.findall(r"(?:python -m |`)cxv ([a-z][a-z_-]*)", TEXT)
    verbs = {verb.replace("-", "_") for verb in typed}
    assert {"check", "plan", "claims", "fetch", "train"} <= verbs
    assert verbs <= {verb.__name__ for verbs in VERBS.values() for verb in verbs}
    for name in re.findall(r"python -m benchmarks\.(\w+)", TEXT):
        assert "def main(" in (ROOT / f"benchmarks/{name}.py").read_text()


def test_every_target_of_make_that_a_page_names_exists() -> None:
    named = {line.split()[1] for line in code(TEXT) if line.startswith("make ")}
    assert {"demo", "test", "setup", "check", "bench", "ui"} <= named
    assert named <= set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Params:
    """The shipped settings with every example of the README in them."""
    shipped = yaml.safe_load((ROOT / "params.yaml").read_text())
    for first_line in ("variants:", "datasets:"):
        for section, entries in yaml.safe_load(block(first_line)).items():
            shipped[section] |= entries
    shipped["paper"] = str(ROOT / shipped["paper"])
    path = tmp_path_factory.mktemp("examples") / "params.yaml"
    path.write_text(yaml.safe_dump(shipped))
    return load(path, also=check.faults)


def test_the_readmes_examples_are_accepted_without_a_warning(examples: Params) -> None:
    assert examples.datasets["flowers"].image_size == 64


def test_an_ablation_trains_only_what_table_1_does_not(examples: Params) -> None:
    """Two links of ``eight_heads`` for each seed; those of ``base`` are shared."""
    new = examples.runs("heads").keys() - examples.runs("table1").keys()
    assert len(new) == 2 * len(examples.seeds)
    assert {run.split("/")[2] for run in new} == {"eight_heads"}


def targets() -> Iterator[str]:
    """Yield what the pages ask Snakemake to make."""
    for command in (line for line in code(TEXT) if re.match(r"(CXV\S+ )?snakemake ", line)):
        words = shlex.split(command.partition("#")[0])
        words = words[words.index("snakemake") + 1 :]
        for before, word in zip(["", *words], words, strict=False):
            value = (
                before in {"--cores", "--profile", "--report", "--snakefile"}
                or "=" in word
                or word == "..."
            )
            if not (value or word.startswith("-")):
                yield word


def test_every_target_of_snakemake_that_a_page_names_is_made(examples: Params) -> None:
    studies = [*examples.studies, ALL]
    known = {*studies, *(f"{study}_{part}" for study in studies for part in PARTS)}
    known |= {f"results/model_summaries/{name}.json" for name in SHIPPED.description.drawn()}
    known |= {f"results/config_search/{row}.json" for row in TABLE1}
    named = set(targets())
    assert {"demo", "heads", "table1_profiles", "results/model_summaries/cpv.json"} <= named
    assert named <= known


def test_the_readme_counts_what_params_yaml_asks_for(params: Params) -> None:
    runs = params.runs(ALL).values()
    datasets = {run.dataset.name: run.dataset for run in runs}
    parts = {name for name, dataset in datasets.items() if dataset.per_class}
    ablations = {run.variant.name for run in runs if run.variant.is_edited}
    sizes = (
        f"{len(runs):,} trainings ({len({run.model.zoo for run in runs})} models,"
        f" {len(datasets.keys() - parts)} datasets and {len(parts)} parts of one,"
        f" {len(ablations)} ablations, {len(params.seeds)} seeds)"
    )
    assert (
        sizes == "1,089 trainings (15 models, 3 datasets and 3 parts of one, 20 ablations, 3 seeds)"
    )
    said = " ".join(README.split())
    assert sizes in said
    assert f"the demo ({len(params.runs('demo'))} trainings)" in said
    assert f"Table 1's {len(params.profiles('table1'))} on two slow cores" in said
    assert f"parameters, MACs and predicted memory of all {len(TABLE1)}" in said
    assert len({run.model.name for run in params.runs("lite").values()}) == 3
    assert "`lite` (three small models on a part of CIFAR-10)" in said


def test_the_readme_names_every_study_and_which_are_outside_all(params: Params) -> None:
    listed = README.partition("is a target of its own:")[2].partition("Runs that several")[0]
    inside, outside = listed.split("outside `all`")
    named = set(re.findall(r"`(\w+)`", inside)), set(re.findall(r"`(\w+)`", outside))
    apart = {name for name, study in params.studies.items() if not study.in_all}
    assert named[0] - {"all"} == params.studies.keys() - apart
    assert named[1] == apart - {"demo"}


def test_the_python_that_the_readme_asks_for_is_the_one_that_is_needed() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    oldest = project["requires-python"].removeprefix(">=")
    assert f"Python {oldest} or newer" in README
    assert f"cxv needs Python {oldest} or newer" in (ROOT / "Makefile").read_text()


def test_the_page_on_data_gives_the_archives_that_are_accepted() -> None:
    rows = re.findall(r"^\| \[(\S+)\]\(\S+\) \| ([\d,]+) \| (\w+) \|$", TEXT, re.MULTILINE)
    archives = (CIFAR10_ARCHIVE, CIFAR100_ARCHIVE, TINY_IMAGENET_ARCHIVE)
    assert rows == [(x.stem + x.suffix, f"{x.size_bytes:,}", x.md5) for x in archives]


def test_every_variant_that_a_decision_names_is_in_params_yaml(params: Params) -> None:
    decisions = re.findall(r"^\| D\d+ \|.*$", TEXT, re.MULTILINE)
    words = set(re.findall(r"`([a-z]+_[a-z_]+)`", "\n".join(decisions)))
    assert {"softmax_kernel", "wide_embedding", "released_dropouts"} <= words
    assert words <= params.variants.keys() | params.studies.keys()


STAGE = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]["study"]


def test_dvc_watches_every_setting_that_a_result_depends_on(params: Params) -> None:
    """The stage would else be up to date after an edit of the section that was forgotten."""
    indifferent = {"mirror", "gpus", "checkpoint_seconds"}
    chosen, *rest = STAGE["params"]
    assert chosen == {"study.yaml": ["study"]}
    assert {"study", *rest} == set(type(params).model_fields) - indifferent


def test_every_folder_that_dvc_keeps_is_there_whatever_the_study() -> None:
    """A study without data leaves none of it, and DVC fails for want of an output."""
    [made] = re.findall(r"^VERSIONED = \[(.*)\]$", WORKFLOW, re.MULTILINE)
    assert re.findall(r'"(\S+)"', made) == [path for out in STAGE["outs"] for path in out]


def test_dvc_deletes_no_result_before_a_stage_runs() -> None:
    assert all(how == {"persist": True} for out in STAGE["outs"] for how in out.values())
    assert all((ROOT / path).exists() for path in STAGE["deps"])
