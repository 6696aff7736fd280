"""What the jobs that train nothing leave behind: the record of what they were asked."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
from papers import SHIPPED
from profiled import save_profile
from shared_fixtures import Fetched, digits_spec
from torch import nn

from cxv import profiling
from cxv.__main__ import main
from cxv.config.augmentation import Flip
from cxv.config.spec import Examples, Model, Profile, Space, Variant
from cxv.config.strict_model import StrictModel
from cxv.data.archives import DataError
from cxv.gpus import devices
from cxv.jobs import config_search, examples
from cxv.jobs import profile as profile_job
from cxv.networks.registry import describe
from cxv.profiling import count_params
from cxv.records.config_search import ConfigSearchRecord
from cxv.records.costs import CostProfile, ProfileRecord
from cxv.records.examples import ExamplesRecord
from cxv.records.job import Job


def run(verb: str, spec: StrictModel, out: Path, *files: object) -> int:
    return main([verb, spec.canonical(), "--out", str(out), *map(str, files)])


def test_a_profile_is_of_the_network_that_was_asked_for_and_says_how_it_was_made(
    digits: Fetched, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Measuring takes seconds and has tests of its own; here it is what it is given that counts."""
    model = Model(name="small", zoo="resnet18", set={"width": 4})
    spec = Profile(dataset=digits_spec(), model=model, variant=Variant(name="base"), batch=6)
    measured = save_profile(tmp_path, spec).measured
    given: list[tuple[int, dict[str, Any]]] = []

    def measure(network: nn.Module, **settings: Any) -> CostProfile:
        given.append((count_params(network), settings))
        return measured

    monkeypatch.setattr(profiling, "profile", measure)
    out = tmp_path / "made/profile.json"
    assert run("profile", spec, out, "--manifest", digits.manifest) == 0
    record = ProfileRecord.load(out, spec)
    network = describe("resnet18", settings={"width": 4}).build(classes=10, image_size=8)
    assert given == [(count_params(network), {"image_size": 8, "batch": 6, "device": "cpu"})]
    assert (record.spec, record.measured) == (spec, measured)
    assert (record.stamp.code, record.stamp.precision, record.stamp.device) == (
        profile_job.job(spec).code,
        "float32",
        "cpu",
    )
    assert 0 < record.stamp.seconds < 60
    assert out.read_text().startswith('{\n "spec"')  # a key on each line
    assert out.read_text().endswith("}\n")


def test_a_search_computes_on_one_core_and_leaves_its_record(tmp_path: Path) -> None:
    """ResNet-18 as it is: 64 channels give the 11.2 million parameters that are printed."""
    known = SHIPPED.description.searches()["resnet18"]
    spec = known.model_copy(update={"space": Space(settings={"width": (64,)})})
    out = tmp_path / "made/resnet18.json"
    threads = torch.get_num_threads()
    try:
        assert run("config_search", spec, out) == 0
        assert torch.get_num_threads() == 1
    finally:
        torch.set_num_threads(threads)
    record = ConfigSearchRecord.load(out, spec)
    assert record.spec == spec
    assert record.findings.tried == 1
    assert record.findings.choice.settings == {"width": 64}
    assert (record.stamp.code, record.stamp.precision, record.stamp.device) == (
        config_search.job(spec).code,
        "float32",
        "cpu",
    )
    assert 0 < record.stamp.seconds < 60
    assert out.read_text().startswith('{\n "spec"')
    assert out.read_text().endswith("}\n")


def test_examples_are_made_of_the_images_that_the_manifest_describes(
    digits: Fetched, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = Examples(dataset=digits_spec(), augment=((Flip(name="flip"),),), images=2)
    out = tmp_path / "made/examples.json"
    files = ["--images", digits.images, "--manifest", digits.manifest]
    assert run("examples", spec, out, *files) == 0
    record = ExamplesRecord.load(out, spec)
    assert (len(record.classes), len(record.augmented)) == (2, 1)
    assert (record.stamp.code, record.stamp.precision) == (examples.job(spec).code, "float32")
    assert 0 <= record.stamp.seconds < 60
    assert out.read_text().startswith('{\n "spec"')
    altered = torch.load(digits.images, weights_only=True)
    altered["train_images"][0, 0, 0, 0] += 1
    torch.save(altered, tmp_path / "altered.pt")
    monkeypatch.setenv("CXV_STORE", str(tmp_path / "another"))
    with pytest.raises(DataError, match=r"altered\.pt: altered: SHA-256"):
        examples.examples(
            spec.canonical(), images=tmp_path / "altered.pt", manifest=digits.manifest, out=out
        )


def test_a_profile_whose_code_is_edited_while_it_waits_for_a_device_is_refused(
    digits: Fetched,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    model = Model(name="small", zoo="resnet18", set={"width": 4})
    spec = Profile(dataset=digits_spec(), model=model, variant=Variant(name="base"), batch=6)
    planned = profile_job.job(spec).code

    @contextmanager
    def wait(_: int | None) -> Iterator[torch.device]:
        monkeypatch.setattr(Job, "code_on_disk", "edited")
        yield torch.device("cpu")

    monkeypatch.setattr(devices, "training_device", wait)
    out = tmp_path / "profile.json"
    assert run("profile", spec, out, "--manifest", digits.manifest) == 1
    assert f"the code changed after this was planned ({planned} -> edited)" in caplog.text
    assert not out.exists()
