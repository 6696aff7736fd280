"""Settings of how the images of a batch are mixed with each other, and their labels with them."""

from pydantic import model_validator

from cxv.config.strict_model import Positive, Specification


class Mix(Specification):
    """Mixup (arXiv:1710.09412) or CutMix (arXiv:1905.04899); of both, either for half the batches.

    Each number is both parameters of the Beta distribution that a batch's share is drawn from:
    near 0 an image is left nearly as it is, or nearly replaced; 1 makes every share as likely.
    """

    mixup: Positive | None = None
    cutmix: Positive | None = None

    @model_validator(mode="after")
    def _mixes(self) -> "Mix":
        if self.mixup is None and self.cutmix is None:
            raise ValueError("mixes nothing: give mixup, cutmix or both, or mix: null")
        return self
