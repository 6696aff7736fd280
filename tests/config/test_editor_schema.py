"""What an editor marks in ``params.yaml`` is wrong, and what is right is not marked."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from shared_fixtures import ROOT

from cxv.config.editor_schema import FILE, text

SETTINGS = yaml.safe_load((ROOT / "params.yaml").read_text())
SCHEMA = json.loads((ROOT / FILE).read_text())


def marked(settings: Any) -> list[str]:
    """Return the keys that an editor marks."""
    found = Draft202012Validator(SCHEMA).iter_errors(settings)
    return sorted(".".join(map(str, fault.absolute_path)) for fault in found)


def edited(edit: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    settings = copy.deepcopy(SETTINGS)
    edit(settings)
    return settings


def test_the_file_is_what_the_settings_are_read_by() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert (ROOT / FILE).read_text() == text(), "after an edit of cxv/config: `make rows`"


def test_editors_are_shown_where_it_is() -> None:
    assert f"# yaml-language-server: $schema={FILE}\n" in (ROOT / "params.yaml").read_text()


def test_nothing_is_marked_in_the_settings_as_they_are() -> None:
    assert marked(SETTINGS) == []


@pytest.mark.parametrize(
    "sweep",
    [{"mixer.heads": [2, 4]}, {"dim": [8], "depth": [1, 2]}, [{"dim": [8]}, {"depth": [2]}]],
)
@pytest.mark.parametrize("section", ["models", "variants", "phases"])
def test_a_sweep_is_not_marked(section: str, sweep: Any) -> None:
    entry = dict(next(iter(SETTINGS[section].values())), sweep=sweep)
    assert marked(edited(lambda x: x[section].update(swept=entry))) == []


@pytest.mark.parametrize(
    ("edit", "key"),
    [
        (lambda x: x.update(seed=1), ""),
        (lambda x: x.update(seeds=[]), "seeds"),
        (lambda x: x.update(stale="never"), "stale"),
        (lambda x: x["training"].update(cpu_threads=0), "training.cpu_threads"),
        (lambda x: x["training"].pop("select_on"), "training"),
        (lambda x: x["models"].update({"Big": {}}), "models"),
        (lambda x: x["models"].update(big={"zoo": "resnet19"}), "models.big.zoo"),
        (lambda x: x["models"].update(big={"name": "big"}), "models.big"),
        (lambda x: x["variants"].update(gone={"edits": ["no_such"]}), "variants.gone.edits.0"),
        (lambda x: x["variants"].update(swept={"sweep": {"dim": []}}), "variants.swept.sweep"),
        (lambda x: x["phases"]["adamw_lite"].update(epochs=3), "phases.adamw_lite"),
        (lambda x: x["studies"]["demo"].pop("title"), "studies.demo"),
    ],
)
def test_what_is_wrong_is_marked(edit: Callable[[dict[str, Any]], object], key: str) -> None:
    assert marked(edited(edit)) == [key]
