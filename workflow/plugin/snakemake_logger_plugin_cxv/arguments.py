"""Arguments of Snakemake mended: targets that an option has swallowed; resuming after a kill."""

import argparse
from collections.abc import Sequence
from importlib.util import find_spec
from itertools import takewhile
from pathlib import Path

# Options that take one or more KEY=VALUE words, and with them the target that follows.
KEY_VALUE_OPTIONS = frozenset(
    {
        "--resources", "--res", "--set-resources", "--set-resource-scopes", "--set-threads",
        "--set-scatter", "--default-resources", "--default-res", "--config", "-C",
        "--consider-ancient", "--groups", "--group-components",
    }
)  # fmt: skip
LOGGER_OPTION = "--logger"  # takes one or more names of installed plugins
DEFAULT_SNAKEFILES = ("Snakefile", "snakefile", "workflow/Snakefile", "workflow/snakefile")
MARKER = Path("cxv", "config", "grid.py")  # next to the Snakefile of this project


def corrected(argv: Sequence[str]) -> list[str]:
    """Return ``argv``, mended if it is Snakemake that starts, and on this project."""
    arguments = argv[1:]
    if starts_this_project(argv):
        return [*argv[:1], *resuming(arguments), *repaired(arguments)]
    return list(argv)


def starts_this_project(argv: Sequence[str]) -> bool:
    """Whether it is Snakemake that starts, and on this project."""
    program = Path(*argv[:1])
    is_snakemake = program.stem == "snakemake" or program.parts[-2:] == ("snakemake", "__main__.py")
    return is_snakemake and _runs_this_project(argv[1:])


def resuming(arguments: Sequence[str]) -> list[str]:
    """Return the option that lets Snakemake resume after it was killed, if no other is given.

    Outputs here appear whole or not at all, so what it calls incomplete was never made or is old.
    """
    asked = {"--rerun-incomplete", "--ri", "--ignore-incomplete", "--ii"} & {*arguments}
    return [] if asked else ["--rerun-incomplete"]


def repaired(arguments: Sequence[str]) -> list[str]:
    """Return Snakemake's arguments with all swallowed targets where it looks for targets.

    A target is a word without "=" after a KEY=VALUE word of such an option, or one that names no
    logger after one that does. Targets join those after "--" if there is one, else those in front:
    Snakemake accepts them in one place only.
    """
    words, bar, after = _split(arguments, "--")
    kept: list[str] = []
    swallowed: list[str] = []
    option, has_value = "", False
    for word in words:
        if word.startswith("-"):
            option, has_value = word, False
        elif _is_value(option, word):
            has_value = True
        elif has_value and option in {*KEY_VALUE_OPTIONS, LOGGER_OPTION}:
            swallowed.append(word)
            continue
        kept.append(word)
    if bar:
        return [*kept, *bar, *swallowed, *after]
    front = list(takewhile(lambda word: not word.startswith("-"), kept))
    return [*front, *swallowed, *kept[len(front) :]]


def _split(words: Sequence[str], bar: str) -> tuple[list[str], list[str], list[str]]:
    end = words.index(bar) if bar in words else len(words)
    return list(words[:end]), list(words[end : end + 1]), list(words[end + 1 :])


def _is_value(option: str, word: str) -> bool:
    if option == LOGGER_OPTION:
        module = f"snakemake_logger_plugin_{word.replace('-', '_')}"
        return module.isidentifier() and find_spec(module) is not None
    return "=" in word or word.startswith("base64//")  # so Snakemake quotes values for its own jobs


def _runs_this_project(arguments: Sequence[str]) -> bool:
    """Whether the Snakefile that Snakemake will pick, before it enters --directory, is ours."""
    parser = argparse.ArgumentParser(add_help=False, exit_on_error=False)
    parser.add_argument("-s", "--snakefile")
    try:
        named = parser.parse_known_args(arguments)[0].snakefile
    except argparse.ArgumentError:  # "-s" without a file: Snakemake says it better
        return False
    snakefiles = [Path(name) for name in ([named] if named else DEFAULT_SNAKEFILES)]
    chosen = next((path for path in snakefiles if path.exists()), None)
    return chosen is not None and (chosen.parent / MARKER).is_file()
