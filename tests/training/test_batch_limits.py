"""What is said of images that a run does not fit."""

import pytest

from cxv.config.spec import Run, described
from cxv.errors import UserError
from cxv.training.batch_limits import advice, naming_the_size


@pytest.mark.parametrize(
    ("images", "batch", "said"),
    [
        (10, 3, "a batch of 2 would do"),
        (1437, 1436, "a batch of 1435 would do"),
        (1437, 4, "a batch of 3 would do"),
        (1437, 2, "a batch of 3 would do"),
        (None, 1, "a batch of 2 would do"),
        (1, 8, "set another batch"),
        (10, 6, "set training.micro_batch to null, or so that no batch leaves a single image"),
    ],
)
def test_the_nearest_batch_that_leaves_no_single_image_is_named(
    images: int | None, batch: int, said: str
) -> None:
    assert advice(images, batch) == f"; {said}"


def test_images_that_a_network_cannot_be_built_for_are_named_with_their_dataset(run: Run) -> None:
    """Of a folder without ``image_size``, only the images tell."""
    patches = run.model.model_copy(update={"zoo": "vit", "set": {"stem": {"patch": 2}}})
    spec = run.model_copy(update={"model": patches})
    said = rf"datasets\.{run.dataset.name}: its images have 33 pixels a side, and .* image_size=33"
    with pytest.raises(UserError, match=said), naming_the_size(spec, 33):
        described(spec.model, spec.variant).build(classes=2, image_size=33)
