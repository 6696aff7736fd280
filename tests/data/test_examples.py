"""Examples show training images, augmented by the code of the trainings; a report shows them."""

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import samples
import torch
from look_up import find_examples, study_table
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image
from resealed import edit, replace

from cxv.__main__ import main
from cxv.augment.plan import plan
from cxv.config.augmentation import Crop, Cutout, Flip, RandAugment
from cxv.config.grid import Params
from cxv.config.spec import Dataset, Examples
from cxv.data.examples import choose, make_examples
from cxv.data.tensors import Split, load
from cxv.jobs.examples import job as examples_job
from cxv.records.examples import ExamplesRecord
from cxv.records.seal import RecordError, read_sealed
from cxv.report.figures.drawing import house_style
from cxv.report.figures.figures import Illustration, Shown, illustrations
from cxv.report.sections.augmentation import augmentation_figure
from cxv.results.lookup import ExamplesLookup, Gap

ONE = (RandAugment(name="randaugment", operations=1, magnitude=1),)
THREE = (RandAugment(name="randaugment", operations=3, magnitude=3),)
MIRRORED = (Flip(name="flip", probability=0.5),)
DIGITS = Dataset(name="digits", source="digits")
GRID = samples.GRID.replace("datasets: [cifar10]", "datasets: [digits]")
DATA = ("--images", "images.pt", "--manifest", "manifest.json")


@pytest.fixture
def params(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Params:
    monkeypatch.chdir(tmp_path)
    return samples.grid(tmp_path, GRID)


@pytest.fixture
def split() -> Split:
    """Sixty images of noise, of three classes."""
    generator = torch.Generator().manual_seed(0)
    images = torch.randint(256, (60, 3, 16, 16), generator=generator, dtype=torch.uint8)
    return Split(images, torch.arange(60) % 3)


def made(params: Params) -> ExamplesLookup:
    """Fetch the digits and make the small study's examples by the command line."""
    [spec] = params.examples("small").values()
    out = f"examples/{spec.id}.json"
    assert main(["fetch", DIGITS.canonical(), *DATA]) == 0
    assert main(["examples", spec.canonical(), *DATA, "--out", out]) == 0
    [found] = find_examples(params, "small", Path("examples"))
    return found


def shown(params: Params, found: ExamplesLookup) -> Illustration:
    table = study_table(params, "small", samples.RUNS, samples.PROFILES)
    drawn = illustrations(table, Shown(examples=[found]))
    return next(one for one in drawn if one.name == "augmentation-digits")


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(data)))


def test_a_study_shows_each_way_in_which_it_augments_a_dataset_once(params: Params) -> None:
    [(name, spec)] = params.examples("small").items()
    assert spec.augment == (ONE,)
    assert spec.dataset == DIGITS
    assert name == spec.id == f"digits_{spec.digest}"
    phase = params.phases["sgd"].model_copy(update={"augment": THREE})
    more = params.model_copy(update={"phases": params.phases | {"sgd": phase}})
    [both] = more.examples("small").values()
    assert set(both.augment) == {ONE, THREE}
    assert both.id != spec.id


def test_a_study_that_does_not_augment_has_no_examples(params: Params) -> None:
    phases = {name: x.model_copy(update={"augment": ()}) for name, x in params.phases.items()}
    plain = params.model_copy(update={"phases": phases})
    assert plain.examples("small") == {}
    assert find_examples(plain, "small", Path("examples")) == ()


@pytest.mark.parametrize(
    ("labels", "chosen"),
    [
        ([2, 2, 0, 1, 0], [2, 3, 0, 4]),  # one of each class, then a second of the lowest
        ([5, 5, 5], [0, 1, 2]),
    ],
)
def test_images_are_of_different_classes_as_far_as_there_are(
    labels: list[int], chosen: list[int]
) -> None:
    assert choose(torch.tensor(labels), 4).tolist() == chosen


def test_pixels_are_those_of_the_trainings_code_and_the_same_each_time(split: Split) -> None:
    spec = Examples(dataset=DIGITS, augment=(THREE, MIRRORED))
    chosen, augmented = make_examples(spec, split)
    assert chosen.labels.tolist() == [0, 1, 2, 0, 1, 2, 0, 1]
    assert torch.equal(chosen.images, split.images[torch.tensor([0, 1, 2, 3, 4, 5, 6, 7])])
    for steps, images in zip(spec.augment, augmented, strict=True):
        expected = plan(steps, 8, 16, torch.Generator().manual_seed(0))(chosen.images, 0)
        assert torch.equal(images, expected)
        assert not torch.equal(images, chosen.images)
    again = make_examples(spec, split)[1]
    assert all(map(torch.equal, augmented, again))


def test_a_record_keeps_every_pixel(params: Params) -> None:
    found = made(params)
    record = found.record
    assert isinstance(record, ExamplesRecord)
    chosen, [augmented] = make_examples(found.spec, load(Path("images.pt")).train)
    for data, images in ((record.originals, chosen.images), (record.augmented[0], augmented)):
        assert np.array_equal(pixels(data), np.hstack(images.permute(0, 2, 3, 1).numpy()))
    assert record.classes == tuple("01234567")
    assert found.path.stat().st_size < 8_000  # bytes
    first = read_sealed(found.path)
    assert isinstance(made(params).record, ExamplesRecord)
    again = ExamplesRecord.model_validate_json(first)
    assert again.model_copy(update={"stamp": record.stamp}) == record


def test_the_figure_has_the_originals_on_top_and_a_row_for_each_setting(params: Params) -> None:
    record = made(params).record
    assert isinstance(record, ExamplesRecord)
    with house_style():
        figure = augmentation_figure(record)
    drawn = [np.asarray(axes.get_images()[0].get_array()) for axes in figure.axes]
    assert np.array_equal(np.hstack(drawn[:8]), pixels(record.originals))
    assert np.array_equal(np.hstack(drawn[8:]), pixels(record.augmented[0]))
    names = [text.get_text() for axes in figure.axes for text in axes.texts]
    assert names == ["as they are", "randaugment: operations 1, magnitude 1"]
    assert [axes.get_title() for axes in figure.axes[:8]] == list("01234567")


def test_no_name_of_a_row_leaves_the_figure_or_its_row(params: Params) -> None:
    record = made(params).record
    assert isinstance(record, ExamplesRecord)
    steps = (*MIRRORED, Crop(name="crop", padding=4), *THREE, Cutout(name="cutout", side=8))
    longest = record.spec.model_copy(update={"augment": (steps,)})
    with house_style():
        figure = augmentation_figure(record.model_copy(update={"spec": longest}))
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw_without_rendering()
    row = figure.axes[8]
    box, images = (x.get_window_extent(renderer) for x in (row.texts[0], row))
    assert box.x0 >= 0
    assert images.y0 <= box.y0 < box.y1 <= images.y1


def test_a_report_shows_them_or_says_why_not(params: Params) -> None:
    [missing] = find_examples(params, "small", Path("examples"))
    assert isinstance(missing.record, Gap)
    assert shown(params, missing).picture is None
    assert "not made yet" in shown(params, missing).why_none
    found = made(params)
    picture = shown(params, found).picture
    assert picture is not None
    assert 'aria-label="Augmentation of digits"' in picture.svg
    assert picture.svg.count("<image") == 16
    assert isinstance(found.record, ExamplesRecord)
    replace(found.path, found.record.stamp.code, "000000000000")
    [stale] = find_examples(params, "small", Path("examples"))
    assert isinstance(stale.record, Gap)
    assert stale.record.status == "stale"


def test_only_the_code_of_the_augmentations_in_use_is_part_of_their_identity() -> None:
    codes = {
        examples_job(Examples(dataset=DIGITS, augment=augment)).code
        for augment in ((ONE,), (THREE,), (MIRRORED,), (ONE, MIRRORED))
    }
    assert len(codes) == 3  # of RandAugment there is one code, whatever its numbers


def test_code_that_changed_after_planning_is_refused(params: Params) -> None:
    [spec] = params.examples("small").values()
    assert main(["examples", spec.canonical(), *DATA, "--out", "x.json", "--code", "0"]) == 1


def test_a_record_with_a_strip_too_few_is_refused(params: Params) -> None:
    found = made(params)
    edit(found.path, lambda fields: fields.update(augmented=[]))
    with pytest.raises(RecordError, match=r"unreadable: (.|\n)*0 strips of 1"):
        ExamplesRecord.load(found.path, found.spec)
