"""A network whose weights fit one size of image says so; the others take any size."""

import pytest
import torch

from cxv import OF_ONE_SIZE, create_model, list_models


def test_images_of_another_size_are_refused_by_both_sizes() -> None:
    model = create_model("mlp_mixer", image_size=8, settings={"dim": 8, "depth": 1})
    assert model(torch.zeros(1, 3, 8, 8)).shape == (1, 10)
    said = r"mlp_mixer: built for images of 8 x 8 pixels, not 10 x 12: .* image_size=10"
    with pytest.raises(ValueError, match=said):
        model(torch.zeros(1, 3, 10, 12))


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in list_models() if name not in OF_ONE_SIZE])
def test_the_others_take_images_of_another_size(name: str) -> None:
    model = create_model(name, image_size=16).eval()
    with torch.no_grad():
        assert model(torch.zeros(1, 3, 24, 24)).shape == (1, 10)
