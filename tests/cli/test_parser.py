"""The command line says what each option is."""

import argparse
import shlex
from collections.abc import Iterator
from itertools import chain

import pytest

from cxv.__main__ import VERBS
from cxv.cli.examples import EXAMPLES
from cxv.cli.parser import HELP, parser


def actions() -> Iterator[tuple[str, argparse.Action]]:
    """Yield every option of every verb."""
    [verbs] = [x for x in parser(VERBS)._actions if isinstance(x, argparse._SubParsersAction)]
    for name, verb in verbs.choices.items():
        for action in verb._actions:
            if action.dest != "help":
                yield name, action


@pytest.mark.parametrize(("verb", "action"), list(actions()))
def test_every_option_has_a_help_line(verb: str, action: argparse.Action) -> None:
    assert action.help, verb
    assert "\n" not in action.help
    assert action.help.startswith(HELP[action.dest])


def test_no_help_line_is_of_an_option_that_no_verb_has() -> None:
    assert HELP.keys() == {action.dest for _, action in actions()}


def test_an_option_without_a_help_line_is_refused() -> None:
    def verb(undescribed: str) -> None:
        """Do nothing."""
        del undescribed

    with pytest.raises(KeyError, match="undescribed"):
        parser({"of a test": [verb]})


EXAMPLE_LINES = [(verb, line) for verb, lines in EXAMPLES.items() for line in lines]


@pytest.mark.parametrize(("verb", "line"), EXAMPLE_LINES)
def test_every_example_of_the_help_is_accepted(verb: str, line: str) -> None:
    assert parser(VERBS).parse_args(shlex.split(line)).verb.__name__ == verb


def test_every_verb_that_people_type_has_an_example_in_its_help(
    capsys: pytest.CaptureFixture[str],
) -> None:
    *people, jobs = VERBS.values()
    assert not EXAMPLES.keys() & {verb.__name__ for verb in jobs}
    for verb in chain.from_iterable(people):
        with pytest.raises(SystemExit):
            parser(VERBS).parse_args([verb.__name__, "--help"])
        assert "for example:\n  python -m cxv " in capsys.readouterr().out
