"""The command line, read off the signatures of the verbs."""

import argparse
import inspect
from collections.abc import Callable, Iterable, Mapping
from itertools import chain
from pathlib import Path
from types import MappingProxyType

from cxv.cli.audit_help import AUDIT
from cxv.cli.examples import EXAMPLES

HELP: Mapping[str, str] = MappingProxyType(
    {
        "spec": "the job's whole specification, as one JSON string",
        "studies": "names of params.yaml; none: each of them",
        "ids": "ids of runs; none: all of them",
        "records": "records of runs: results/runs/.../metrics.json",
        "folder": "the folder of a paper",
        "name": "a study of params.yaml; of show, a run too: its id, folder or record",
        "cell": "study/dataset/model/variant/recipe/column, as table.csv has them",
        "study": "a name of params.yaml; of audit, one that numbers are of although no macros are",
        "new": "the name of a study that params.yaml has not",
        "manuscript": "a LaTeX file; all that it inputs is read too",
        "json": "for other programs",
        "live": "on a terminal: look again and again, until all is done or Ctrl-C",
        "left": "a study, the id or the record of a run, or a commit",
        "run": "the id, the folder or the record of a run",
        "files": "images, folders of them, or - for paths from standard input, one a line",
        "format": "of the exported network: torch or onnx",
        "top": "classes to name of each image",
        "right": "another of the same kind; differences are right - left",
        "replay": "trainings to draw at random, to train again and to compare",
        "because": "the reason, which reports show",
        "params": "the settings file",
        "paper": "the folder that describes the paper; default: the one that params.yaml names",
        "results": "the folder of all records",
        "data": "the folder of all datasets",
        "code": "hash of the code when the job was planned; the job fails if it has changed",
        "out": "the file to write; of a report, the folder; of export, or a .zip",
        "images": "tensors of the dataset",
        "manifest": "facts of the dataset, next to its tensors",
        "downloads": "the folder where archives are kept",
        "metrics": "the record to write; of a table, the numbers of every run",
        "history": "CSV to write: top-1 and loss of every epoch",
        "timing": "CSV to write: when each epoch ended, and images per second",
        "answers": "file to write: which images of the selecting split each epoch answers rightly",
        "predictions": "file to write: the classes that the test images got",
        "checkpoint": "file to write: the weights of the best epoch",
        "parent": "record of the run whose weights this one starts from",
        "weights": "checkpoint of that run; of verify: evaluate all; of export: take them along",
        "profile": "profile of the network; with it, the training shares a GPU by its memory",
        "autocast_cuda": "auto, float16, bfloat16 or float32: in place of the specification's",
        "autocast_cpu": "float16, bfloat16 or float32: in place of the specification's",
        "experiment": "MLflow's experiment",
        "unfinished": "the folder where the state of an unfinished training is kept",
        "checkpoint_seconds": "seconds between two saves of that state",
        "cells": "CSV to write: one line per number, with its sources",
        "prune": "days; removes jobs unused for so long that no folder of results links to",
        "summary": "folder to write: a file for each row, which DVC shows",
        "listing": "CSV to write: one line per run",
    }
)
"""One line per option, whatever the verb."""

POSITIONS = {"spec", "new", "cell", "folder", "left", "right", "manuscript", "run"}
"""Arguments that stand without an option."""
SEVERAL = {"studies", "ids", "records", "files"}
"""Arguments that may be given several times, one after the other."""
MORE = MappingProxyType({"audit": AUDIT})
"""What else the help of a verb says."""


def parser(offered: Mapping[str, Iterable[Callable[..., object]]]) -> argparse.ArgumentParser:
    """Return a parser in which the signature of a verb is its command line.

    Args:
        offered: the verbs, by the heading that they are listed under.
    """
    whole = argparse.ArgumentParser(
        prog="cxv",
        usage="python -m cxv VERB ...",
        description=_listing(offered),
        epilog="`python -m cxv VERB --help` says what a verb takes, with examples.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = whole.add_subparsers(required=True, metavar="VERB", help=argparse.SUPPRESS)
    for verb in chain.from_iterable(offered.values()):
        says, typed = (verb.__doc__ or "").strip(), _typed(verb)
        command = verbs.add_parser(
            verb.__name__,
            prog=f"python -m cxv {typed}",
            aliases=[typed] if typed != verb.__name__ else [],
            description=f"{says}\n\n{MORE[verb.__name__]}" if verb.__name__ in MORE else says,
            epilog=_examples(verb.__name__),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.set_defaults(verb=verb)
        for name, parameter in inspect.signature(verb).parameters.items():
            _add(command, name, parameter)
    return whole


def _typed(verb: Callable[..., object]) -> str:
    return verb.__name__.replace("_", "-")


def _listing(offered: Mapping[str, Iterable[Callable[..., object]]]) -> str:
    """Return all verbs under their headings, each with the first line of what it says."""
    lines = ["Ablation studies, from params.yaml to a report."]
    for heading, verbs in offered.items():
        lines += ["", f"{heading}:"]
        lines += [f"  {_typed(verb):14} {(verb.__doc__ or '').split(chr(10))[0]}" for verb in verbs]
    return "\n".join(lines)


def _examples(verb: str) -> str | None:
    lines = [f"  python -m cxv {example}" for example in EXAMPLES.get(verb, ())]
    return "\n".join(["for example:", *lines]) if lines else None


def _add(command: argparse.ArgumentParser, name: str, parameter: inspect.Parameter) -> None:
    option, about = f"--{name.replace('_', '-')}", HELP[name]
    asked = parameter.default is inspect.Parameter.empty
    if name in POSITIONS or (name == "study" and asked):
        command.add_argument(name, type=_type(parameter), help=about)
    elif name in SEVERAL:
        command.add_argument(name, nargs="*", help=about)
    elif name == "name":
        command.add_argument(name, nargs="?", help=about)
    elif asked:
        command.add_argument(option, type=_type(parameter), required=True, help=about)
    elif parameter.annotation is bool:
        command.add_argument(option, action="store_true", help=about)
    else:
        default = parameter.default
        about += f" (default: {default})" * (default is not None)
        # Rules leave the value out of an option that does not apply.
        nargs = "?" if default is None else None
        command.add_argument(
            option, type=_type(parameter), nargs=nargs, default=default, help=about
        )


def _type(parameter: inspect.Parameter) -> type:
    kinds = {str: str, int: int, str | None: str, float: float, float | None: float}
    return kinds.get(parameter.annotation, Path)
