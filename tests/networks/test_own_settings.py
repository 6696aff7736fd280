"""What is known of networks without importing torch is what the registry has."""

from collections.abc import Iterator, Mapping
from typing import Any

import own_settings_file

from cxv.networks.own_settings import OWN


def test_the_file_holds_the_settings_of_every_row() -> None:
    assert own_settings_file.FILE.read_text() == own_settings_file.text(), "make rows"


def leaves(own: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, type]]:
    for name, value in own.items():
        if isinstance(value, Mapping):
            yield from leaves(value, f"{path}{name}.")
        else:
            yield f"{path}{name}", type(value)


def test_a_rate_is_a_rate_in_all_networks() -> None:
    """An edited variant's numbers get their types from this, whatever the edit has made."""
    found = {leaf for own in OWN.values() for leaf in leaves(own)}
    rates = {path for path, kind in found if kind is float}
    assert "mixer.dropout" in rates
    assert not {path for path, kind in found if kind is not float} & rates
