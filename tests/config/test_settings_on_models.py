"""Every setting on every model does what docs/settings.md says: it trains, or it is refused."""

from pathlib import Path

import pytest
import torch
from settings_rows import AUGMENTATIONS, MODELS, Setting, settings
from settings_table import MARKS, TABLE, Trial, read, render
from trained import Train, first, training

from cxv.augment.entries import ENTRIES
from cxv.config.phases import Phase, Training
from cxv.config.spec import Run
from cxv.errors import UserError
from cxv.networks.registry import describe
from cxv.training import torch_classes
from cxv.training.batch_limits import least_images, takes_one_image

pytestmark = pytest.mark.usefixtures("one_thread")

COMMITTED = TABLE.read_text()
CELLS = read(COMMITTED)
ROWS = {setting.text: setting for setting in settings()}
KINDS = ("optimizer", "schedule")
WITH_ALL_ROWS = ("resnet18", "cpv")
"""A model of batch norms alone, and one of dropout and channel norms."""


def assert_as_in_the_table(model: str, rows: list[Setting], folder: Path) -> None:
    base = Trial(model, Setting(), folder)
    for row in rows:
        trial = Trial(model, row, folder)
        assert trial.refusal == CELLS[row.text][model], row.text
        if row.moves is not None and not trial.refusal:
            same = all(torch.equal(base.weights[x], trial.weights[x]) for x in base.weights)
            assert same is not row.moves, row.text


@pytest.mark.slow
@pytest.mark.parametrize("model", MODELS)
def test_a_model_takes_or_refuses_settings_of_networks_as_the_table_says(
    model: str, tmp_path: Path
) -> None:
    assert_as_in_the_table(model, [x for x in ROWS.values() if x.in_suite], tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("model", WITH_ALL_ROWS)
def test_two_models_take_or_refuse_all_other_settings_as_the_table_says(
    model: str, tmp_path: Path
) -> None:
    rows = [x for x in ROWS.values() if not (x.in_suite or x.compiles)]
    assert_as_in_the_table(model, rows, tmp_path)


def test_the_table_has_a_row_for_every_setting_and_a_column_for_every_model() -> None:
    assert list(CELLS) == list(ROWS)
    assert all(list(verdicts) == list(MODELS) for verdicts in CELLS.values())
    assert render(CELLS) == COMMITTED
    tried = {key for x in ROWS.values() for key in (*x.training, *x.phase)}
    assert tried == {*Training.model_fields, *Phase.model_fields} - {"name", "autocast_cuda"}
    names = [x.phase[key]["name"] for x in ROWS.values() for key in x.phase if key in KINDS]
    assert set(names) == {*torch_classes.OPTIMIZERS, *torch_classes.SCHEDULES}
    assert {step["name"] for step in AUGMENTATIONS} == set(ENTRIES)


def test_what_the_table_refuses_is_this_and_no_more() -> None:
    refused = {row: [x for x in cells if cells[x] not in MARKS] for row, cells in CELLS.items()}
    of_some = {row: models for row, models in refused.items() if 0 < len(models) < len(MODELS)}
    single = [*(f"micro_batch: {x}" for x in (1, 5, "auto")), "batch: 1", "batch: 3"]
    assert of_some == {row: ["resnet18", "resnet34"] for row in single}
    of_all = [ROWS[row] for row, models in refused.items() if len(models) == len(MODELS)]
    names = [x.phase[key]["name"] for x in of_all for key in KINDS if key in x.phase]
    assert set(names) - {"SGD"} == set(torch_classes.UNFIT)
    [other] = [x.text for x in of_all if not x.phase]
    assert other == "compile: true, memory: lean"


@pytest.mark.parametrize(
    ("images", "batch", "micro_batch", "least"),
    [
        (None, 6, None, 6),
        (None, 6, 4, 2),  # 4 + 2
        (None, 6, 5, 1),
        (None, 6, 100, 6),
        (None, 6, "auto", 1),
        (10, 6, None, 4),
        (10, 3, None, 1),
        (10, 5, None, 5),
        (10, 100, None, 10),
        (10, 6, 3, 1),  # 3 + 3, 3 + 1
        (10, 5, 4, 1),
        (10, 100, 4, 2),
    ],
)
def test_the_least_that_is_computed_at_once(
    images: int | None, batch: int, micro_batch: int | str | None, least: int
) -> None:
    assert least_images(images, batch, micro_batch) == least


@pytest.mark.parametrize(("side", "takes"), [(8, False), (9, True)])
def test_four_stages_leave_one_pixel_of_eight_and_asking_leaves_no_trace(
    side: int, takes: bool
) -> None:
    model = describe("resnet18", settings={"width": 4}).build(classes=2, image_size=side)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    torch.manual_seed(0)
    assert takes_one_image(model, side) is takes
    assert torch.initial_seed() == 0
    assert torch.equal(torch.rand(3), torch.rand(3, generator=torch.Generator().manual_seed(0)))
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


def test_a_run_whose_last_batch_is_one_image_is_refused_before_its_first_step(
    run: Run, train: Train, tmp_path: Path
) -> None:
    """200 images in batches of 199; no dataset is at hand when params.yaml is checked."""
    small = run.model.model_copy(update={"zoo": "resnet18", "set": {"width": 4}})
    spec = first(run, batch=199).model_copy(update={"model": small})
    with pytest.raises(UserError, match=r"phases.adamw_demo.batch: 199 .* one of 200 images"):
        train(training(spec))
    assert not list((tmp_path / "out").rglob("*.json"))
