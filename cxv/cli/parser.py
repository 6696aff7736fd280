"""The command line, read off the signatures of the verbs."""

import argparse
import inspect
from collections.abc import Callable, Iterable
from pathlib import Path


def parser(offered: Iterable[Callable[..., object]]) -> argparse.ArgumentParser:
    """Return a parser in which the signature of a verb is its command line."""
    whole = argparse.ArgumentParser(prog="cxv", description="Run single workflow jobs.")
    verbs = whole.add_subparsers(required=True, metavar="verb")
    for verb in offered:
        help = (verb.__doc__ or "").strip()
        command = verbs.add_parser(verb.__name__, help=help, description=help)
        command.set_defaults(verb=verb)
        for name, parameter in inspect.signature(verb).parameters.items():
            option = f"--{name.replace('_', '-')}"
            if name == "spec":
                command.add_argument(name, help="a specification, as one JSON string")
            elif name in {"studies", "ids"}:
                command.add_argument(name, nargs="*", help="of params.yaml; none: each of them")
            elif parameter.default is inspect.Parameter.empty:
                command.add_argument(option, type=_type(parameter), required=True)
            else:
                default = parameter.default
                command.add_argument(option, type=_type(parameter), nargs="?", default=default)
    return whole


def _type(parameter: inspect.Parameter) -> type:
    kinds = {str: str, str | None: str, float: float}
    return kinds.get(parameter.annotation, Path)
