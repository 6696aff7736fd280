"""A study's name that is typed wrongly is answered with those that exist, by every verb."""

import inspect
from itertools import chain

import pytest
from shared_fixtures import ROOT

from cxv.__main__ import VERBS, main

NAMED = {"study": "{}", "studies": "{}", "cell": "{}/digits/cnv/base/adamw/top1_mean"}
"""Arguments that a study is named by."""
VERBS_OF_A_STUDY = {
    verb.__name__: NAMED[name]
    for verb in chain.from_iterable(VERBS.values())
    for name, parameter in inspect.signature(verb).parameters.items()
    if name in NAMED and (name != "study" or parameter.default is inspect.Parameter.empty)
}


def test_the_verbs_of_a_study_are_found() -> None:
    assert {"plan", "verify", "trace", "stale", "export"} <= VERBS_OF_A_STUDY.keys()


@pytest.mark.parametrize("verb", VERBS_OF_A_STUDY)
def test_an_unknown_study_is_refused_with_those_that_exist(
    verb: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.chdir(ROOT)
    assert main([verb, VERBS_OF_A_STUDY[verb].format("dmeo")]) == 1
    assert "no study 'dmeo' in params.yaml; there are: demo, small, " in caplog.text
    assert caplog.text.rstrip().endswith("readings, all")
