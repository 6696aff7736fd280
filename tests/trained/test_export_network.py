"""A network as a program for any number of images, and what README says of trained networks."""

import io
import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
import torch
from PIL import Image
from settings_table import dataset
from shared_fixtures import ROOT
from torch import nn
from tracked import RECORD
from trained_project import SMALL, trained_project

import cxv
from cxv.__main__ import main
from cxv.config.spec import Model, Run
from cxv.data.tensors import load
from cxv.errors import UserError
from cxv.networks.layers import ClassToken
from cxv.trained import export as exports
from cxv.trained import exportable as forms
from cxv.trained.export import export, exporter_of
from cxv.training.classifier import Classifier
from cxv.training.setup import build

pytestmark = pytest.mark.slow

HEADS = {"heads": 1, "head_dim": 4}
SECTION = (
    (ROOT / "README.md").read_text().partition("## A trained network\n")[2].partition("## ")[0]
)
Printed = pytest.CaptureFixture[str]


def untrained(run: Run, zoo: str) -> Classifier:
    """Return a network of one layer that has random weights."""
    settings: dict[str, Any] = {"dim": 8, "depth": 1, "mixer": HEADS}
    spec = run.model_copy(update={"model": Model(name="small", zoo=zoo, set=settings)})
    record = RECORD.model_copy(update={"spec": spec})
    facts = dataset()[1].model_copy(update={"mean": (0.5, 0.4, 0.3), "std": (0.2, 0.3, 0.4)})
    torch.manual_seed(0)
    network = build(spec, facts).eval()
    with torch.no_grad():
        for parameter in network.parameters():  # some begin at 0, which would hide them
            parameter.add_(torch.randn_like(parameter), alpha=0.1)
    return Classifier(record, network, facts, torch.device("cpu"), torch.float32)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("zoo", ["vit", "cct"])
def test_a_program_answers_any_number_of_images_as_its_network(
    run: Run, tmp_path: Path, zoo: str
) -> None:
    trained, out = untrained(run, zoo), tmp_path / "network.pt2"
    assert export(trained, exporter_of("torch"), out) < 1e-4
    about = {"cxv.json": ""}
    program = torch.export.load(out, extra_files=about).module()
    for batch in (1, 3, 10):
        shape = (batch, *trained.facts.shape)
        images = torch.randint(256, shape, dtype=torch.uint8)
        torch.testing.assert_close(program(images), trained.logits(images), rtol=1e-4, atol=1e-4)
    said = json.loads(about["cxv.json"])
    assert said["run"] == trained.spec.id
    assert said["classes"] == list(trained.classes)


@pytest.mark.parametrize("zoo", ["vit", "cct", "vit_lite", "compact_vit", "compact_cct"])
def test_forms_for_export_compute_the_same_and_change_no_trained_part(run: Run, zoo: str) -> None:
    trained = untrained(run, zoo)
    before = {name: type(part) for name, part in trained.network.named_modules()}
    copy = forms.exportable(trained)
    images = torch.randint(256, (5, *trained.facts.shape), dtype=torch.uint8)
    with torch.inference_mode():
        torch.testing.assert_close(copy(images), trained.logits(images))
    assert {name: type(part) for name, part in trained.network.named_modules()} == before
    assert not any(type(part) in forms.EXCHANGED for part in copy.modules())


def exchanged(exchange: Callable[..., nn.Module] | None) -> Any:
    return MappingProxyType({ClassToken: exchange} if exchange else {})


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("exchange", "says"),
    [
        (None, "cannot be exported: "),
        (lambda part: forms.Prepended(part.token), "its export answers otherwise to 1 images"),
    ],
)
def test_a_program_that_fails_or_answers_otherwise_is_not_written(
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    exchange: Callable[..., nn.Module] | None,
    says: str,
) -> None:
    monkeypatch.setattr(forms, "EXCHANGED", exchanged(exchange))
    with pytest.raises(UserError, match=says):
        export(untrained(run, "vit"), exporter_of("torch"), tmp_path / "network.pt2")
    assert list(tmp_path.glob("*.pt2")) == []


def test_what_is_missing_for_a_form_is_said_before_anything_is_loaded(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(exports, "find_spec", lambda name: None)
    typed = ["export-network", "no run", "--out", str(tmp_path / "out"), "--format"]
    assert main([*typed, "onnx"]) == 1
    assert "needs onnxscript and onnxruntime, which cxv does not install: pip" in caplog.text
    assert main([*typed, "tf"]) == 1
    assert "--format tf: not known; there are: torch, onnx" in caplog.text


@pytest.fixture
def project(tmp_path_factory: pytest.TempPathFactory, run: Run, tmp_path: Path) -> Path:
    """A folder with a trained network and photos, as README has them."""
    made = trained_project(tmp_path_factory, run)
    for name in ("results", "data"):
        (tmp_path / name).symlink_to(made / name)
    (tmp_path / "photos").mkdir()
    image = load(made / "data/raw/digits/images.pt").test.images[0]
    Image.fromarray(image.permute(1, 2, 0).numpy()).save(tmp_path / "photos/0.png")
    return tmp_path


@pytest.mark.usefixtures("unchecked")
def test_what_readme_says_of_a_trained_network_is_done(
    project: Path, run: Run, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    monkeypatch.chdir(project)
    lines = re.findall(r"^    (.+)$", SECTION, re.MULTILINE)
    commands = [line for line in lines if "python -m cxv" in line]
    assert [line.partition("cxv ")[2].split()[:2] for line in commands] == [
        [verb, SMALL] for verb in ("predict", "predict", "export-network", "card")
    ]
    for line in commands:
        listing, _, typed = line.rpartition("| ")
        if listing:
            found = sorted(map(str, Path().glob(listing.split()[1])))
            monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(found)))
        assert main(shlex.split(typed, comments=True)[3:]) == 0
    assert capsys.readouterr().out.count("photos/0.png") == 2
    assert Path("cltv.pt2").stat().st_size > 0
    names: dict[str, Any] = {}
    exec("\n".join(line for line in lines if line not in commands), names)  # noqa: S102
    assert names["trained"].spec.id == SMALL


def test_a_card_says_what_the_network_is_and_what_its_numbers_are(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    monkeypatch.chdir(project)
    assert main(["card", SMALL, "--out", "card.md"]) == 0
    assert capsys.readouterr().out == ""
    said = Path("card.md").read_text()
    trained = cxv.load(SMALL)
    right = round(100 * (trained.record.outcome.top1 or 0.0))
    low, high = wilson(right, 100)
    assert f"Top-1 {right:.2f} % [{low:.2f}, {high:.2f}] on the 100 test images" in said
    assert "200 training and 100 test images of 8 x 8 pixels in 10 classes (0, 1, 2" in said
    assert "was picked on the same test images" in said
    assert f"`{SMALL}`" in said
    assert trained.record.checkpoint_sha256 in said
    assert "CC BY 4.0 (Alpaydin and Kaynak, UCI)" in said
    assert f'cxv.load("results/runs/{SMALL}")' in said


def wilson(right: int, images: int) -> tuple[float, float]:
    """Return the ends of Wilson's 95 % interval in percent, by its formula."""
    z, share = 1.959964, right / images
    middle = (share + z**2 / (2 * images)) / (1 + z**2 / images)
    half = z / (1 + z**2 / images) * (share * (1 - share) / images + z**2 / (4 * images**2)) ** 0.5
    return 100 * (middle - half), 100 * (middle + half)
