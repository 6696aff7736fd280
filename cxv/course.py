"""From a specification to what one link trains on: splits, augmentation, precision, seeds."""

from functools import partial

import torch

from cxv.data.manifest import Manifest
from cxv.data.tensors import Images, Split, hold_out, normalise
from cxv.seeds import seed_for
from cxv.spec import Run
from cxv.train import Course, Prepare


def set_out(run: Run, data: Images, facts: Manifest, device: torch.device) -> tuple[Course, Split]:
    """Return what the link trains and is selected on, and the test split, all on ``device``."""
    train, select = data.train, data.test
    if run.training.select_on == "validation":
        seed = seed_for(run.seed, "validation", 0)
        train, select = hold_out(train, run.training.validation_fraction, seed)
    clean = partial(
        normalise,
        mean=torch.tensor(facts.mean, device=device),
        std=torch.tensor(facts.std, device=device),
    )
    course = Course(
        phase=run.phase,
        train=train.to(device),
        select=select.to(device),
        prepare=_augmented(run, clean),
        prepare_clean=clean,
        dtype=getattr(torch, precision(run, device)),
        order=torch.Generator().manual_seed(seed_for(run.seed, "order", len(run.phases))),
    )
    return course, data.test.to(device)


def _augmented(run: Run, clean: Prepare) -> Prepare:
    if not run.phase.randaugment:
        return clean
    # Here, as it loads torchvision: 1.3 s that the other runs need not spend.
    from cxv.data.augment import rand_augment  # noqa: PLC0415

    generator = torch.Generator().manual_seed(seed_for(run.seed, "augment", len(run.phases)))
    settings = run.phase.randaugment.model_dump()
    return lambda images: clean(rand_augment(images, **settings, generator=generator))


def precision(run: Run, device: torch.device) -> str:
    """Return the name of autocast's dtype on ``device``."""
    on_gpu = device.type == "cuda"
    return run.training.autocast_cuda if on_gpu else run.training.autocast_cpu
