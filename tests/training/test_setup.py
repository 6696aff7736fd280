"""What a specification decides about a training."""

from itertools import pairwise
from typing import Any, Literal

import pytest
import torch
from shared_fixtures import Fetched
from torch._subclasses.fake_tensor import FakeTensorMode
from trained import phase, training

from cxv.config.spec import Run
from cxv.data.manifest import Manifest
from cxv.data.tensors import Images, Split, hold_out, load
from cxv.training.precision import precision
from cxv.training.seeds import seed_for
from cxv.training.setup import build, network, prepare_training
from cxv.training.trainer import TrainingSetup

CPU, CUDA = torch.device("cpu"), torch.device("cuda")


@pytest.fixture
def facts(digits: Fetched) -> Manifest:
    return Manifest.load(digits.manifest)


@pytest.fixture
def images(digits: Fetched) -> Images:
    return load(digits.images)


@pytest.fixture
def chain(run: Run) -> tuple[Run, ...]:
    """Three phases; the last is the first again."""
    adamw, sgd = run.phases
    again = phase(adamw, name="adamw_again")
    return run.model_copy(update={"phases": (adamw, sgd, again)}).chain


def course_of(run: Run, images: Images, facts: Manifest) -> TrainingSetup:
    return prepare_training(run, images, facts, CPU)[0]


def draws(setup: TrainingSetup) -> list[tuple[int, ...]]:
    """Return the numbers that the course's order, augmentation and dropout begin with."""
    dropout = torch.Generator().manual_seed(setup.dropout_seed)
    generators = (setup.order, setup.augment.generator, dropout)
    return [tuple(torch.randperm(200, generator=x).tolist()) for x in generators]


def test_every_phase_and_every_seed_draws_its_own_order_augmentation_and_masks(
    chain: tuple[Run, ...], images: Images, facts: Manifest
) -> None:
    other = chain[0].model_copy(update={"seed": 1})
    drawn = [draw for run in (*chain, other) for draw in draws(course_of(run, images, facts))]
    assert len(set(drawn)) == len(drawn) == 3 * 4


def test_a_specification_repeats_its_draws(
    chain: tuple[Run, ...], images: Images, facts: Manifest
) -> None:
    one, two = (draws(course_of(chain[1], images, facts)) for _ in range(2))
    assert one == two


def test_every_draw_has_the_seed_of_its_purpose_so_that_published_numbers_repeat(
    chain: tuple[Run, ...], images: Images, facts: Manifest
) -> None:
    run = training(chain[1], select_on="validation", validation_fraction=0.2)
    setup = course_of(run, images, facts)
    assert setup.dropout_seed == seed_for(run.seed, "dropout", 2)
    assert setup.order.initial_seed() == seed_for(run.seed, "order", 2)
    assert setup.augment.generator.initial_seed() == seed_for(run.seed, "augment", 2)
    held = hold_out(images.train, 0.2, seed_for(run.seed, "validation", 0))[1]
    assert torch.equal(setup.select.images, held.images)
    torch.manual_seed(seed_for(run.seed, "init", 0))
    first, found = build(run, facts).state_dict(), network(run, facts, None).state_dict()
    assert all(torch.equal(first[name], found[name]) for name in first)


def rows(split: Split) -> set[bytes]:
    return {image.numpy().tobytes() for image in split.images}


def test_all_phases_hold_out_the_same_images_and_train_on_the_others(
    chain: tuple[Run, ...], images: Images, facts: Manifest
) -> None:
    """Else a later phase would be selected on images that an earlier one was trained on."""
    asked = [training(run, select_on="validation", validation_fraction=0.2) for run in chain]
    courses = [course_of(run, images, facts) for run in asked]
    for setup in courses:
        assert (len(setup.train), len(setup.select)) == (160, 40)
        assert not rows(setup.train) & rows(setup.select)
        assert rows(setup.train) | rows(setup.select) == rows(images.train)
    assert all(torch.equal(one.select.images, two.select.images) for one, two in pairwise(courses))
    seed = course_of(asked[0].model_copy(update={"seed": 1}), images, facts)
    assert rows(seed.select) != rows(courses[0].select)


@pytest.mark.parametrize("select_on", ["test", "validation"])
def test_the_test_split_is_that_of_the_dataset_whatever_selects(
    run: Run, images: Images, facts: Manifest, select_on: str
) -> None:
    setup, test = prepare_training(
        training(run, select_on=select_on, validation_fraction=0.1), images, facts, CPU
    )
    assert torch.equal(test.images, images.test.images)
    assert torch.equal(test.labels, images.test.labels)
    assert (rows(setup.select) == rows(images.test)) is (select_on == "test")


def test_a_course_has_the_phase_and_the_training_settings_of_its_run(
    run: Run, images: Images, facts: Manifest
) -> None:
    steps = [{"name": "flip"}]
    last = phase(run.phases[1], augment=steps)
    spec = training(
        run.model_copy(update={"phases": (run.phases[0], last)}), autocast_cpu="float16"
    )
    setup = course_of(spec, images, facts)
    assert setup.phase == last
    assert setup.augment.steps == last.augment
    assert setup.dtype is torch.float16


def test_images_are_normalised_by_the_numbers_of_their_manifest(
    run: Run, images: Images, facts: Manifest
) -> None:
    mean, std = (0.1, 0.2, 0.3), (0.5, 1.0, 2.0)
    setup = course_of(run, images, facts.model_copy(update={"mean": mean, "std": std}))
    white = torch.full((1, 3, 2, 2), 255, dtype=torch.uint8)
    expected = [(1 - m) / s for m, s in zip(mean, std, strict=True)]
    torch.testing.assert_close(setup.prepare(white)[0, :, 1, 1], torch.tensor(expected))


@pytest.mark.parametrize(
    ("asked", "micro_batch", "halves"), [(None, None, False), (24, 24, False), ("auto", None, True)]
)
def test_the_micro_batch_is_the_one_asked_for(
    run: Run, images: Images, facts: Manifest, asked: Any, micro_batch: int | None, halves: bool
) -> None:
    setup = course_of(training(run, micro_batch=asked), images, facts)
    assert (setup.micro_batch, setup.halves) == (micro_batch, halves)


@pytest.mark.parametrize("name", ["float16", "bfloat16", "float32"])
def test_the_precision_is_the_one_asked_for_of_the_device(run: Run, name: str) -> None:
    other = "bfloat16" if name == "float16" else "float16"
    here = training(run, autocast_cpu=name, autocast_cuda=other)
    there = training(run, autocast_cpu=other, autocast_cuda=name)
    assert precision(here, CPU) == precision(there, CUDA) == name


@pytest.mark.parametrize(("of", "name"), [((8, 0), "bfloat16"), ((7, 5), "float16")])
def test_a_gpu_computes_in_bfloat16_if_it_has_it(
    run: Run, monkeypatch: pytest.MonkeyPatch, of: tuple[int, int], name: str
) -> None:
    second = torch.device("cuda", 1)
    monkeypatch.setattr("torch.cuda.get_device_capability", {second: of}.__getitem__)
    assert precision(training(run, autocast_cuda="auto"), second) == name


@pytest.mark.parametrize(
    ("free_bytes", "images_on"), [(2**30, "cuda"), (1, "cpu")], ids=["room", "no room"]
)
def test_on_a_gpu_images_are_where_there_is_room_and_batches_come_out_there(
    run: Run,
    images: Images,
    facts: Manifest,
    monkeypatch: pytest.MonkeyPatch,
    free_bytes: int,
    images_on: str,
) -> None:
    """Torch's fake tensors are on a GPU that is not there."""
    memory = {CUDA: (free_bytes, 2**40)}
    monkeypatch.setattr("torch.cuda.mem_get_info", memory.__getitem__)
    spec = training(run, autocast_cuda="float16")
    with FakeTensorMode(allow_non_fake_inputs=True):
        setup, test = prepare_training(spec, images, facts, CUDA)
        for split in (setup.train, setup.select, test):
            assert (split.images.device.type, split.device.type) == (images_on, "cuda")
            assert setup.prepare(split[:2].images).device.type == "cuda"
    assert setup.dtype is torch.float16


def parameters(run: Run, facts: Manifest) -> dict[str, torch.Tensor]:
    return network(run, facts, None).state_dict()


def test_the_seed_decides_the_first_weights(run: Run, facts: Manifest) -> None:
    one = parameters(run, facts)
    torch.rand(7)
    two, other = parameters(run, facts), parameters(run.model_copy(update={"seed": 1}), facts)
    assert all(torch.equal(one[name], two[name]) for name in one)
    assert not all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize("memory", ["eager", "fused", "lean"])
def test_weights_of_the_phase_before_fit_every_memory_mode(
    run: Run, facts: Manifest, memory: Literal["eager", "fused", "lean"]
) -> None:
    given = {name: value + 1 for name, value in parameters(run, facts).items()}
    found = network(training(run, memory=memory), facts, given).state_dict()
    assert found.keys() == given.keys()
    assert all(torch.equal(found[name], given[name]) for name in given)


def count(run: Run, facts: Manifest, variant: dict[str, Any], **model: Any) -> int:
    """Return the parameters of the run's network under other settings of model and variant."""
    changes = {
        "model": run.model.model_copy(update={"set": run.model.set | model}),
        "variant": run.variant.model_copy(update=variant),
    }
    return sum(x.numel() for x in build(run.model_copy(update=changes), facts).parameters())


def test_a_network_has_the_settings_and_edits_of_its_model_and_variant(
    run: Run, facts: Manifest
) -> None:
    plain, deep = count(run, facts, {}), count(run, facts, {}, depth=3)
    assert plain < deep == count(run, facts, {"set": {"depth": 3}})
    assert plain > count(run, facts, {"edits": ("embed_1_conv",)})


def test_a_network_has_a_logit_for_every_class_of_the_images(run: Run, facts: Manifest) -> None:
    other = facts.model_copy(update={"classes": tuple("abcdefg")})
    assert build(run, other)(torch.zeros(2, 3, 8, 8)).shape == (2, 7)


def test_a_network_is_built_for_the_size_of_the_images(run: Run, facts: Manifest) -> None:
    mlp = run.model.model_copy(update={"zoo": "mlp_mixer", "set": {"dim": 8, "depth": 1}})
    spec = run.model_copy(update={"model": mlp})
    for side in (8, 16):  # its mixing knows the number of patches
        network = build(spec, facts.model_copy(update={"shape": (3, side, side)}))
        assert network(torch.zeros(2, 3, side, side)).shape == (2, 10)
