"""A trained network for use: the answers of its training, or a refusal that says why."""

import json
import logging
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from resealed import edit, reseal
from trained_project import FOUR, HEADS, SMALL, trained_project

import cxv
from cxv.config.spec import Run
from cxv.data.archives import DataError
from cxv.data.manifest import Manifest
from cxv.data.tensors import load
from cxv.errors import UserError
from cxv.records.predictions import Predictions
from cxv.records.record import OtherSettingsError
from cxv.records.seal import AlteredError
from cxv.training.classifier import Classifier

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, run: Run) -> Path:
    return trained_project(tmp_path_factory, run)


@pytest.fixture
def broken(project: Path, tmp_path: Path) -> Path:
    """A copy, free to be broken."""
    return shutil.copytree(project, tmp_path / "project")


@pytest.fixture(scope="module")
def trained(project: Path) -> Classifier:
    return cxv.load(project / "results/runs" / SMALL)


def test_every_test_image_is_answered_as_the_training_answered_it(
    trained: Classifier, project: Path
) -> None:
    test = load(project / "data/raw/digits/images.pt").test
    said = Predictions.load(project / "results/runs" / SMALL / "predictions.npz")
    made = trained.logits(test.images).log_softmax(dim=1)
    right = made.gather(1, test.labels[:, None]).squeeze(1).numpy()
    assert np.array_equal(made.argmax(dim=1).numpy(), said.predicted)
    assert np.array_equal(right, said.log_probability)
    assert len(set(said.predicted.tolist())) > 1
    shares = trained.probabilities(test.images)
    assert shares.log().numpy() == pytest.approx(made.numpy(), abs=1e-5)


def test_it_says_what_it_is_and_what_its_images_are(trained: Classifier, project: Path) -> None:
    manifest = json.loads((project / "data/raw/digits/manifest.json").read_text())
    assert trained.spec.id == SMALL
    assert trained.spec.model.set["mixer"] == HEADS["small"]
    assert (trained.image_size, trained.classes) == (8, tuple("0123456789"))
    assert [list(trained.mean), list(trained.std)] == [manifest["mean"], manifest["std"]]
    assert not trained.network.training
    assert repr(trained) == f"<{SMALL}: 10 classes, 8 x 8 pixels, on cpu>"


def test_paths_pictures_and_bytes_are_the_same_images(
    trained: Classifier, project: Path, tmp_path: Path
) -> None:
    images = load(project / "data/raw/digits/images.pt").test.images[:3]
    paths = [tmp_path / f"{n}.png" for n in range(3)]
    for path, image in zip(paths, images, strict=True):
        Image.fromarray(image.permute(1, 2, 0).numpy()).save(path)
    shares = trained.probabilities(images)
    assert torch.equal(trained.probabilities(paths), shares)
    assert torch.equal(trained.probabilities([Image.open(path) for path in paths]), shares)
    torch.testing.assert_close(trained.probabilities(str(paths[1])), shares[1:2])
    [[best, *rest]] = trained.answers(paths[0], top=20)
    assert best["probability"] == pytest.approx(shares[0].max().item())
    assert best["label"] == int(best["name"]) == shares[0].argmax()
    assert len(rest) == 9


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "YCbCr"])
def test_a_picture_of_pil_is_read_as_its_file_is(
    trained: Classifier, tmp_path: Path, mode: str
) -> None:
    levels = np.arange(0, 192, 3, dtype=np.uint8).reshape(8, 8)
    picture = Image.fromarray(levels).convert("RGB").convert(mode)
    picture.save(tmp_path / "picture.tif")
    assert torch.equal(trained.pixels([picture]), trained.pixels([tmp_path / "picture.tif"]))


def test_loading_leaves_the_random_numbers_of_the_program_alone(project: Path) -> None:
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    cxv.load(project / "results/runs" / FOUR)
    assert torch.equal(torch.rand(3), expected)


@pytest.mark.parametrize(
    "images",
    [torch.zeros(1, 3, 9, 8, dtype=torch.uint8), torch.zeros(1, 3, 8, 8), torch.zeros(3, 8, 8)],
)
def test_tensors_of_another_size_or_type_are_refused(
    trained: Classifier, images: torch.Tensor
) -> None:
    with pytest.raises(DataError, match=r"give bytes .* of n x 3 x 8 x 8"):
        trained.probabilities(images)


@pytest.mark.parametrize(
    "name", [SMALL, f"results/runs/{SMALL}", f"results/runs/{SMALL}/metrics.json"]
)
def test_a_run_is_named_by_id_folder_or_record(
    project: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(project)
    assert cxv.load(name.format(SMALL)).spec.id == SMALL


def test_a_run_that_is_not_there_is_refused_with_those_that_are(project: Path) -> None:
    with pytest.raises(UserError, match=rf"nothing: no run: [^$]* runs in .*: {FOUR}, {SMALL}$"):
        cxv.load("nothing", results=project / "results")


def test_the_weights_of_another_network_are_refused_although_each_shape_fits(
    broken: Path,
) -> None:
    small, four = (broken / "results/runs" / name for name in (SMALL, FOUR))
    shapes = [
        {name: value.shape for name, value in torch.load(x / "checkpoint.pt")["weights"].items()}
        for x in (small, four)
    ]
    assert shapes[0] == shapes[1]
    shutil.copy(small / "checkpoint.pt", four)
    with pytest.raises(AlteredError, match=r"checkpoint\.pt: altered"):
        cxv.load(four)
    reseal(four)  # 4 heads are the model's own number, which a specification leaves out
    with pytest.raises(OtherSettingsError, match=r"model\.set\.mixer\.heads: 2 != None"):
        cxv.load(four)


def test_an_edited_specification_is_refused(broken: Path) -> None:
    folder = broken / "results/runs" / SMALL
    record = folder / "metrics.json"
    text = record.read_text()
    record.write_text(text.replace('"dropout": 0.1', '"dropout": 0.2'))
    assert record.read_text() != text
    with pytest.raises(AlteredError, match=r"metrics\.json: altered"):
        cxv.load(folder)
    edit(record, lambda _: None)
    with pytest.raises(OtherSettingsError, match=r"model\.set\.dropout: 0\.1 != 0\.2"):
        cxv.load(folder)


def test_altered_missing_and_foreign_weights_are_refused_by_name(broken: Path) -> None:
    folder = broken / "results/runs" / SMALL
    path = folder / "checkpoint.pt"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(AlteredError, match=rf"{path}: altered: its SHA-256 is not the one"):
        cxv.load(folder)
    for foreign in (b"nothing", b""):
        path.write_bytes(foreign)
        reseal(folder)
        with pytest.raises(AlteredError, match=rf"{path}: missing or altered"):
            cxv.load(folder)
    path.unlink()
    with pytest.raises(AlteredError, match=rf"{path}: missing"):
        cxv.load(folder)


def diverged(fields: dict[str, Any]) -> None:
    fields["status"] = "diverged"


def test_what_diverged_is_refused(broken: Path) -> None:
    edit(broken / "results/runs" / SMALL / "metrics.json", diverged)
    with pytest.raises(UserError, match="this training diverged"):
        cxv.load(broken / "results/runs" / SMALL)


def test_the_manifest_is_next_to_the_run_or_where_datasets_are(
    broken: Path, tmp_path: Path
) -> None:
    folder, data = broken / "results/runs" / SMALL, broken / "data/raw"
    moved = shutil.move(data, tmp_path / "elsewhere")
    with pytest.raises(UserError, match=rf"{data}/digits/manifest\.json: missing: .* `dvc pull`"):
        cxv.load(folder)
    assert cxv.load(folder, data=moved).image_size == 8
    shutil.copy(Path(moved, "digits/manifest.json"), folder)
    alone = shutil.move(folder, tmp_path / "alone")
    assert cxv.load(alone).spec.id == SMALL


def test_the_manifest_of_other_images_is_refused(broken: Path) -> None:
    path = broken / "data/raw/digits/manifest.json"
    sha256 = Manifest.load(path).sha256
    edit(path, lambda fields: fields.update(sha256=sha256[::-1]))
    with pytest.raises(DataError, match=rf"{path}: is of other images"):
        cxv.load(broken / "results/runs" / SMALL)


def test_what_no_terminal_prints_of_a_manifest_is_said_in_digits(broken: Path) -> None:
    path = broken / "data/raw/digits/manifest.json"
    edit(path, lambda fields: fields.update(sha256="a\0\x1b[31mb"))
    with pytest.raises(DataError, match=r"is of other images \(SHA-256 a\\x00\\x1b\[31mb\) than"):
        cxv.load(broken / "results/runs" / SMALL)


def test_a_manifest_with_a_class_more_is_refused(broken: Path) -> None:
    path = broken / "data/raw/digits/manifest.json"
    edit(path, lambda fields: fields["classes"].append("ten"))
    with pytest.raises(DataError, match=rf"{path}: 11 classes and images of 8 pixels do not give"):
        cxv.load(broken / "results/runs" / SMALL)


def test_a_network_that_other_code_trained_comes_with_a_warning(
    broken: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = broken / "results/runs" / SMALL
    with caplog.at_level(logging.WARNING):
        cxv.load(folder)
    assert caplog.text == ""
    edit(folder / "metrics.json", lambda fields: fields["stamp"].update(code="0123456789ab"))
    cxv.load(folder)
    assert "was made by other code (0123456789ab) than there is now" in caplog.text
