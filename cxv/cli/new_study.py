"""A study to begin with, written into ``params.yaml``: ``cxv new-study``."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import yaml

from cxv.config.grid import Params
from cxv.config.load import load
from cxv.errors import UserError
from cxv.records.atomic_files import write

SECTIONS = ("datasets", "models", "variants", "recipes")
SHOWN = 6  # names that a comment lists

STUDY = """\
{name}:
  title: What is asked, in a line?
  in_all: false         # true: `snakemake all` makes it too
  runs:                 # each with each; variants and recipes are compared with the first
    - datasets: {datasets}
      models: {models}
      variants: {variants}
      recipes: {recipes}
      # seeds: {seeds}     # in place of those that stand at the top
"""


def new_study(path: Path, name: str) -> str:
    """Write a study below the others, to be edited; return what to do next.

    It is like the beginning of the one that is made without a target. Nothing else of the file
    changes, and nothing at all if the study would not be sound.

    Args:
        path: of ``params.yaml``.
        name: of the study.

    Raises:
        UserError: the file is not sound, has such a study, or not a line for each study.
    """
    params = load(path)
    if name in params.studies:
        raise UserError(f"{path}: studies.{name}: is there; choose another name, or edit it")
    text = path.read_bytes().decode()
    sections = _sections(text)
    studies = sections["studies"]
    if studies.flow_style:
        raise UserError(
            f"{path}:{studies.start_mark.line + 1}: studies: stands in braces;"
            " give each study a line of its own, then type this again"
        )
    lines = text.splitlines(keepends=True)
    after = _last_line(studies) + 1
    indent = " " * studies.value[0][0].start_mark.column
    end = "\r\n" if "\r\n" in text else "\n"
    added = [f"{indent}{line}{end}" for line in _study(name, params, sections).splitlines()]
    if after == len(lines):
        lines[-1] = lines[-1].rstrip("\r\n") + end
    whole = "".join([*lines[:after], *added, *lines[after:]])
    _refuse_unsound(path, whole)
    write(path, whole)
    return (
        f"{path}:{after + 1}: added the study {name}; edit it, then\n"
        f"  python -m cxv check\n"
        f"  snakemake --cores all --logger cxv -- {name}\n"
    )


def _sections(text: str) -> dict[str, yaml.MappingNode]:
    """Return the mappings at the top of a sound file."""
    tree = yaml.compose(text, Loader=yaml.SafeLoader)
    entries = tree.value if isinstance(tree, yaml.MappingNode) else []
    return {key.value: value for key, value in entries if isinstance(value, yaml.MappingNode)}


def _last_line(node: yaml.Node) -> int:
    """Return the number, from 0, of the last line that holds a value: comments may follow it."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _last_line(last[1] if isinstance(last, tuple) else last)
    return int(node.end_mark.line - (node.end_mark.column == 0))


def _study(name: str, params: Params, sections: dict[str, yaml.MappingNode]) -> str:
    """Return the lines of the study."""
    first = params.studies[params.study].runs[0]
    begins = {section: list(getattr(first, section)[:1]) for section in SECTIONS}
    begins["recipes"] = list(first.recipes)
    values = {}
    for section, names in begins.items():
        own = [key.value for key, _ in sections[section].value] if section in sections else []
        others = [x for x in own if x not in names]
        values[section] = f"[{', '.join(names)}]{_comment(others)}"
    return STUDY.format(name=name, seeds=list(params.seeds), **values)


def _comment(others: Sequence[str]) -> str:
    more = " ..." if len(others) > SHOWN else ""
    return f"  # also: {', '.join(others[:SHOWN])}{more}" if others else ""


def _refuse_unsound(path: Path, text: str) -> None:
    """Read the file as it would be, from where its paths lead to the same places."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent, suffix=".yaml", newline="") as file:
        file.write(text)
        file.flush()
        try:
            load(Path(file.name))
        except UserError as error:
            said = str(error).replace(file.name, str(path))
            raise UserError(f"{said}\nnothing was added") from error
