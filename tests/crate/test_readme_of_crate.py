"""What a crate says of itself shows the title of its study as it was typed."""

import html
import re
from pathlib import Path

import pytest
import samples
from markdown_it import MarkdownIt
from nasty import NASTY

from cxv.crate.files import settings_files


@pytest.mark.parametrize("title", NASTY)
def test_the_title_is_seen_as_it_was_typed(title: str, tmp_path: Path) -> None:
    params = samples.grid(tmp_path)
    study = params.studies["small"].model_copy(update={"title": title})
    params = params.model_copy(update={"studies": {"small": study}})
    files = settings_files(tmp_path / "params.yaml", params, weights=False)
    [readme] = [file for file in files if file.name == "README.md"]
    [found] = re.findall(r"<h1>(.*?)</h1>", MarkdownIt().render(str(readme.source)))
    assert " ".join(html.unescape(found).split()) == " ".join(title.split())
