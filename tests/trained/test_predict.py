"""``cxv predict``: which images it reads, and what it prints of each."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from trained_project import SMALL as RUN
from trained_project import trained_project

import cxv
from cxv.__main__ import main
from cxv.config.spec import Run
from cxv.data.tensors import load

pytestmark = pytest.mark.slow

NAMES = ("0.png", "1.PNG", "below/2.bmp")
Printed = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def trained_folder(tmp_path_factory: pytest.TempPathFactory, run: Run) -> Path:
    return trained_project(tmp_path_factory, run)


@pytest.fixture(autouse=True)
def project(trained_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of pictures, one in a folder below, next to a trained network."""
    for name in ("results", "data"):
        (tmp_path / name).symlink_to(trained_folder / name)
    (tmp_path / "pictures/below").mkdir(parents=True)
    images = load(trained_folder / "data/raw/digits/images.pt").test.images
    for name, image in zip(NAMES, images, strict=False):
        Image.fromarray(image.permute(1, 2, 0).numpy()).save(tmp_path / "pictures" / name)
    (tmp_path / "pictures/notes.txt").write_text("no picture")
    (tmp_path / "pictures/.hidden.png").write_text("no picture")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def shares() -> torch.Tensor:
    images = load(Path("data/raw/digits/images.pt")).test.images[: len(NAMES)]
    return cxv.load(RUN).probabilities(images)


def as_json(printed: Printed) -> list[dict[str, Any]]:
    found = json.loads(printed.readouterr().out)
    assert found["run"] == RUN
    return found["images"]


def test_a_folder_gives_a_line_an_image_with_the_best_classes_in_order(capsys: Printed) -> None:
    assert main(["predict", RUN, "pictures"]) == 0
    lines = capsys.readouterr().out.splitlines()
    for line, name, share in zip(lines, NAMES, shares(), strict=True):
        best = sorted(enumerate(share.tolist()), key=lambda pair: -pair[1])[:3]
        said = ", ".join(f"{label} {100 * x:.1f} %" for label, x in best)
        assert line == f"pictures/{name}: {said}"


def test_programs_get_numbers_of_as_many_classes_as_they_ask_for(capsys: Printed) -> None:
    assert main(["predict", f"results/runs/{RUN}", "pictures/1.PNG", "--json", "--top", "10"]) == 0
    [found] = as_json(capsys)
    assert found["image"] == "pictures/1.PNG"
    assert {one["label"]: one["probability"] for one in found["answers"]} == pytest.approx(
        dict(enumerate(shares()[1].tolist()))
    )
    assert [one["name"] for one in found["answers"]] == [str(x["label"]) for x in found["answers"]]


def test_paths_come_from_standard_input_too(
    capsys: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("pictures/1.PNG\n\npictures/below/2.bmp\n"))
    assert main(["predict", RUN, "pictures/below", "-", "--json"]) == 0
    names = [found["image"] for found in as_json(capsys)]
    assert names == ["pictures/below/2.bmp", "pictures/1.PNG", "pictures/below/2.bmp"]


def test_images_that_cannot_be_read_are_named_after_the_others(
    capsys: Printed, caplog: pytest.LogCaptureFixture
) -> None:
    bad = ["pictures/none.png", "pictures/notes.txt"]
    assert main(["predict", RUN, bad[0], "pictures/0.png", bad[1], "--json"]) == 1
    assert [found["image"] for found in as_json(capsys)] == ["pictures/0.png"]
    assert "pictures/none.png: no image can be read there: No such file" in caplog.text
    assert "pictures/notes.txt: unreadable image" in caplog.text


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        (["nothing", "pictures"], "nothing: no run: give the id, the folder or the metrics.json"),
        ([RUN], "no image: name images, folders of them, or -"),
        ([RUN, "empty"], "empty: holds no images"),
        ([RUN, "pictures", "--top", "0"], "--top 0: at least 1"),
    ],
)
def test_what_cannot_be_done_is_refused(
    caplog: pytest.LogCaptureFixture, capsys: Printed, typed: list[str], says: str
) -> None:
    Path("empty").mkdir()
    assert main(["predict", *typed]) == 1
    assert says in caplog.text
    assert capsys.readouterr().out == ""
