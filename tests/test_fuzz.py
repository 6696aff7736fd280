"""Whatever is put in, it is read or refused in plain words; settings that are not refused train.

``python -m benchmarks.fuzz`` draws for as long as one likes; here each draw is the same each time.
"""

from collections.abc import Mapping
from pathlib import Path

import pytest
from fuzzed import Target, targets
from hypothesis import HealthCheck, Phase, given, settings

INPUTS = {
    "settings": 15,
    "photos": 200,
    "folders of photos": 60,
    "archives": 20,
    "a paper's files": 10,
    "a run's files": 30,
    "command lines": 40,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzzed")


@pytest.fixture(scope="module")
def found(folder: Path) -> Mapping[str, Target]:
    return targets(folder)


@pytest.mark.parametrize("name", INPUTS)
def test_odd_inputs_end_in_plain_words(
    name: str, found: Mapping[str, Target], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BROWSER", "true")
    ends = set()

    @settings(
        max_examples=INPUTS[name],
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(found[name].inputs)
    def each(value: object) -> None:
        ends.add(found[name].outcome(value, folder))

    each()
    assert len(ends) > 1, "all inputs of a kind end alike: they are not varied enough"
