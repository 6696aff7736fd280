"""What ``ro-crate-metadata.json`` says: Provenance Run Crate 0.5 on RO-Crate 1.1.

The names of properties are those of https://www.researchobject.org/workflow-run-crate.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import yaml
from rocrate.model import ComputationalWorkflow, ContextEntity
from rocrate.rocrate import ROCrate

from cxv.crate.actions import Action
from cxv.crate.files import CODE

PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": ("Process Run Crate", "0.5"),
    "https://w3id.org/ro/wfrun/workflow/0.5": ("Workflow Run Crate", "0.5"),
    "https://w3id.org/ro/wfrun/provenance/0.5": ("Provenance Run Crate", "0.5"),
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0": ("Workflow RO-Crate", "1.0"),
}
BIOSCHEMAS = "https://bioschemas.org/profiles"
CONTEXT = "https://w3id.org/ro/terms/workflow-run/context"
LICENSES = {
    "MIT": {
        "@id": "https://spdx.org/licenses/MIT",
        "name": "MIT License",
        "description": "Of the code, the records and the report. The file LICENSE has its text.",
    }
}
FORMATS = {
    ".json": "application/json", ".csv": "text/csv", ".html": "text/html", ".md": "text/markdown",
    ".tex": "application/x-tex", ".svg": "image/svg+xml", ".png": "image/png",
    ".py": "text/x-python", ".npz": "application/zip", ".pt": "application/octet-stream",
    ".yaml": "application/yaml",
    ".toml": "application/toml", ".css": "text/css", ".js": "text/javascript",
}  # fmt: skip
COMPLETED, FAILED = (f"http://schema.org/{x}ActionStatus" for x in ("Completed", "Failed"))
AUTHORS, WORKFLOW, RUN = "#authors", "Snakefile", "#workflow-run"
ENGINE, FRAMEWORK = "https://snakemake.github.io", "https://pytorch.org"
INPUTS = {"params.yaml": "#settings", "specification.json": "#specification"}
OUTPUTS = {"table.csv": "#table", "report.html": "#report"}
"""Of the workflow, by file: its parameters."""

Ref = dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a crate is of."""

    study: str
    title: str
    actions: Sequence[Action]
    sums: Mapping[str, tuple[str, int]]  # SHA-256 and bytes of each file
    images: Mapping[str, Mapping[str, Any]]  # of datasets that are not in it, by id
    published: str  # day


def write_metadata(about: About, folder: Path) -> None:
    """Write the metadata of the files in a folder."""
    crate = ROCrate(version="1.1")
    crate.metadata.extra_contexts.append(CONTEXT)
    cited = yaml.safe_load((CODE / "CITATION.cff").read_text("utf-8"))
    _add_workflow(crate, about, cited)
    for name in about.sums:
        if name != WORKFLOW:
            crate.add_file(dest_path=name, properties=_of_file(name, about))
    crate.add_file(dest_path="SHA256SUMS", properties={"name": "Checksums of all other files",
                                                       "encodingFormat": "text/plain"})  # fmt: skip
    for id, facts in about.images.items():
        _add(crate, id, "CreativeWork", facts)
    _add_software(crate, about, cited)
    _add_actions(crate, about)
    _add_root(crate, about, cited)
    crate.metadata.write(folder)


def _add(crate: ROCrate, id: str, type: str, facts: Mapping[str, Any]) -> None:
    crate.add(ContextEntity(crate, id, {"@type": type, **facts}))


def _refs(*ids: str) -> Ref | list[Ref]:
    """Return references; a single one is no list, as JSON-LD has it."""
    found = [{"@id": id} for id in ids]
    return found[0] if len(found) == 1 else found


def _of_file(name: str, about: About) -> dict[str, Any]:
    sha256, size = about.sums[name]
    path = Path(name)
    facts: dict[str, Any] = {
        "name": name,
        "sha256": sha256,
        "contentSize": str(size),
        "encodingFormat": FORMATS.get(path.suffix, "text/plain"),
    }
    parameter = INPUTS.get(name) or OUTPUTS.get(path.name)
    if parameter:
        facts["exampleOfWork"] = {"@id": parameter}
    if name == "README.md":
        facts["about"] = {"@id": "./"}
    return facts


def _add_workflow(crate: ROCrate, about: About, cited: Mapping[str, Any]) -> None:
    """Add the main workflow with its steps and parameters."""
    kinds = _kinds(about)
    facts = {
        "@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow", "HowTo"],
        "version": cited["version"],
        "license": {"@id": LICENSES[cited["license"]]["@id"]},
        "conformsTo": {"@id": f"{BIOSCHEMAS}/ComputationalWorkflow/1.0-RELEASE"},
        "hasPart": _refs(*(f"#tool-{kind}" for kind in kinds)),
        "step": _refs(*(f"#step-{kind}" for kind in kinds)),
        "input": _refs(*INPUTS.values()),
        "output": _refs(*OUTPUTS.values()),
        **_of_file(WORKFLOW, about),
        "name": f"{cited['title']}: {cited['abstract']}",
    }
    crate.add_workflow(
        dest_path=WORKFLOW, main=True, lang="snakemake", lang_version=_pinned("snakemake"),
        properties=facts, cls=ComputationalWorkflow,
    )  # fmt: skip
    outputs = {f"results/studies/{about.study}/{name}": id for name, id in OUTPUTS.items()}
    for name, id in (INPUTS | outputs).items():
        facts = {
            "name": id.removeprefix("#"),
            "additionalType": "File",
            "workExample": {"@id": name},
            "conformsTo": {"@id": f"{BIOSCHEMAS}/FormalParameter/1.0-RELEASE"},
        }
        _add(crate, id, "FormalParameter", facts)
    for position, kind in enumerate(kinds, 1):
        facts = {"name": kind, "workExample": {"@id": f"#tool-{kind}"}, "position": str(position)}
        _add(crate, f"#step-{kind}", "HowToStep", facts)


def _kinds(about: About) -> list[str]:
    return list(dict.fromkeys(action.kind for action in about.actions))


def _add_software(crate: ROCrate, about: About, cited: Mapping[str, Any]) -> None:
    for kind in _kinds(about):
        facts = {
            "name": f"cxv {kind}",
            "softwareVersion": cited["version"],
            "description": f"The rule `{kind}` of the workflow runs `python -m cxv {kind}`.",
            "softwareRequirements": {"@id": FRAMEWORK},
        }
        _add(crate, f"#tool-{kind}", "SoftwareApplication", facts)
    for url, name, package in (
        (ENGINE, "Snakemake", "snakemake"),
        (FRAMEWORK, "PyTorch", "torch"),
    ):
        facts = {"name": name, "softwareVersion": _pinned(package), "url": url}
        _add(crate, url, "SoftwareApplication", facts)


def _pinned(package: str) -> str:
    """Return the version that ``requirements.lock`` names."""
    text = (CODE / "requirements.lock").read_text("utf-8")
    found = re.search(rf"^{package}==(\S+)", text, re.MULTILINE)
    return found[1] if found else "unknown"


def _add_actions(crate: ROCrate, about: About) -> None:
    """Add each job with its inputs and outputs, what ordered it, and the run as a whole."""
    agent = {"agent": {"@id": AUTHORS}}
    for action in about.actions:
        facts = {
            "name": f"{action.kind} {action.id}",
            "description": action.description,
            "instrument": {"@id": f"#tool-{action.kind}"},
            "object": _refs(*action.inputs),
            "result": _refs(*action.outputs),
            "actionStatus": FAILED if action.error else COMPLETED,
            **({"error": action.error} if action.error else {}),
            **_times(action.start, action.end or about.published),
            **agent,
        }
        _add(crate, _action_id(action), "CreateAction", facts)
        step = {"@id": f"#step-{action.kind}"}
        facts = {"name": f"Rule {action.kind}", "instrument": step,
                 "object": {"@id": _action_id(action)}}  # fmt: skip
        _add(crate, f"#order{_action_id(action)[1:]}", "ControlAction", facts)
    starts = [one.start for one in about.actions if one.start]
    ends = [one.end for one in about.actions if one.end]
    whole = {
        "name": f"Run of the study {about.study}",
        "description": "All jobs of the study; other studies may share some.",
        "instrument": {"@id": WORKFLOW},
        "object": _refs(*INPUTS),
        "result": _refs(*(f"results/studies/{about.study}/{name}" for name in OUTPUTS)),
        "actionStatus": COMPLETED,
        **_times(min(starts, default=""), max(ends, default=about.published)),
        **agent,
    }
    _add(crate, RUN, "CreateAction", whole)
    orders = _refs(*(f"#order{_action_id(one)[1:]}" for one in about.actions))
    ordered = {"name": "Snakemake orders the jobs", "instrument": {"@id": ENGINE},
               "object": orders, "result": {"@id": RUN}, **agent}  # fmt: skip
    _add(crate, "#orders", "OrganizeAction", ordered)


def _times(start: str, end: str) -> dict[str, str]:
    return {"endTime": end} | ({"startTime": start} if start else {})


def _action_id(action: Action) -> str:
    return f"#{action.kind}/{quote(action.id)}"  # "the paper's networks" is no part of a URI


def _add_root(crate: ROCrate, about: About, cited: Mapping[str, Any]) -> None:
    root = crate.root_dataset
    [author, *_] = cited["authors"]
    _add(crate, AUTHORS, "Organization", {"name": author["name"]})
    paper = cited["preferred-citation"]
    _add(crate, paper["url"], "ScholarlyArticle", {
        "name": paper["title"], "datePublished": str(paper["year"]),
        "author": [f"{x['given-names']} {x['family-names']}" for x in paper["authors"]],
    })  # fmt: skip
    license = dict(LICENSES[cited["license"]])
    _add(crate, license["@id"], "CreativeWork", license)
    for id, (name, version) in PROFILES.items():
        _add(crate, id, "CreativeWork", {"name": name, "version": version})
    root["conformsTo"] = _refs(*PROFILES)
    root["name"] = f"{about.title} (study {about.study} of {cited['title']})"
    root["description"] = (
        f"Records, report and workflow of the study {about.study}. {cited['abstract']}"
        " verify.py checks every file, every record and the top-1 of the table."
    )
    root["keywords"] = "reproducibility, image classification, top-1 accuracy, workflow provenance"
    root["license"] = {"@id": license["@id"]}
    root["author"] = root["creator"] = root["publisher"] = {"@id": AUTHORS}
    root["datePublished"] = about.published
    root["citation"] = {"@id": paper["url"]}
    root["mentions"] = _refs(RUN, "#orders", *map(_action_id, about.actions))
