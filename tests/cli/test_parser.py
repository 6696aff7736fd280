"""The command line says what each option is."""

import argparse
from collections.abc import Iterator

import pytest

from cxv.__main__ import VERBS
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
        parser([verb])
