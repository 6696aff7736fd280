"""A model card shows classes, folders and settings as they were typed."""

import html
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import samples
from markdown_it import MarkdownIt
from nasty import NASTY
from torch import nn

from cxv.trained.card import card
from cxv.training.classifier import Classifier

GITHUB = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def trained(root: Path, name: str, urls: tuple[str, ...] = ()) -> Classifier:
    """Return what a card needs of a network on own photos."""
    params = samples.grid(root)
    run = next(x for x in params.runs("small").values() if x.model.set)
    record = samples.save_run(root, run)
    origin = SimpleNamespace(archive=name, urls=urls, license=name, differing=())
    facts = SimpleNamespace(
        origin=origin, classes=(name, "dog"), train_images=(3, 4), test_images=(1, 2),
        mean=(0.5, 0.5, 0.5), std=(0.2, 0.2, 0.2),
    )  # fmt: skip
    found: Any = SimpleNamespace(
        spec=run, facts=facts, record=record, network=nn.Linear(2, 2), image_size=32,
        classes=facts.classes,
    )  # fmt: skip
    return cast("Classifier", found)


def page(text: str) -> tuple[str, list[str]]:
    """Return the words of a page, and its tags."""
    shown = GITHUB.render(text)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", shown)).split()), re.findall(
        r"<[^>]*>", shown
    )


@pytest.mark.parametrize("name", NASTY)
def test_names_are_seen_as_they_were_typed(name: str, tmp_path: Path) -> None:
    words, tags = page(card(trained(tmp_path, name), Path("results/runs/a")))
    usual, usual_tags = page(card(trained(tmp_path, "WORD"), Path("results/runs/a")))
    assert usual.count("WORD") == 3
    assert words == " ".join(usual.replace("WORD", name).split())
    assert tags == usual_tags


def test_settings_are_code_and_addresses_are_links(tmp_path: Path) -> None:
    url = "https://example.org/a_b_c"
    words = GITHUB.render(card(trained(tmp_path, "x", (url,)), Path("a")))
    assert f'<a href="{url}">{url}</a>' in words
    assert "<code>{'dim': 32}</code>" in html.unescape(words)
