"""All that a specification decides about one link of a chain, apart from files."""

from functools import partial

import torch
from torch import nn

from cxv.augment.plan import Augment
from cxv.config.spec import Profile, Run, described
from cxv.data.manifest import Manifest
from cxv.data.tensors import Images, Split, hold_out, normalise
from cxv.networks.memory_modes import apply_memory_mode
from cxv.records.run import Outcome, Switch
from cxv.training.evaluation import Scores
from cxv.training.precision import precision
from cxv.training.seeds import seed_for
from cxv.training.trainer import TrainingSetup, TrainResult, Weights


def build(spec: Run | Profile, facts: Manifest) -> nn.Module:
    """Return the network of a specification for the classes and size of a dataset's images."""
    description = described(spec.model, spec.variant)
    return description.build(classes=len(facts.classes), image_size=facts.shape[-1])


def network(run: Run, facts: Manifest, weights: Weights | None) -> nn.Module:
    """Return the network as the link finds it: initialised from the seed, or with ``weights``."""
    torch.manual_seed(seed_for(run.seed, "init", 0))
    model = build(run, facts)
    if weights:
        model.load_state_dict(weights)
    model = apply_memory_mode(run.training.memory, model)
    if run.training.compile:
        model.compile()
    return model


def prepare_training(
    run: Run, data: Images, facts: Manifest, device: torch.device
) -> tuple[TrainingSetup, Split]:
    """Return what the link trains and is selected on, and the test split, for ``device``."""
    train, select = data.train, data.test
    if held_out := run.training.validation_fraction:
        train, select = hold_out(train, held_out, seed_for(run.seed, "validation", 0))
    free_bytes = torch.cuda.mem_get_info(device)[0] if device.type == "cuda" else None
    link, micro_batch = len(run.phases), run.training.micro_batch
    setup = TrainingSetup(
        phase=run.phase,
        train=train.to(device, free_bytes),
        select=select.to(device, free_bytes),
        prepare=partial(
            normalise,
            mean=torch.tensor(facts.mean, device=device),
            std=torch.tensor(facts.std, device=device),
        ),
        dtype=getattr(torch, precision(run, device)),
        dropout_seed=seed_for(run.seed, "dropout", link),
        order=torch.Generator().manual_seed(seed_for(run.seed, "order", link)),
        augment=Augment(
            run.phase.augment,
            torch.Generator().manual_seed(seed_for(run.seed, "augment", link)),
            run.phase.mix,
        ),
        micro_batch=None if micro_batch == "auto" else micro_batch,
        halves=micro_batch == "auto",
    )
    return setup, data.test.to(device, free_bytes)


def outcome(link: TrainResult, scores: Scores, before: Outcome | None) -> Outcome:
    """Return what a link reached.

    Args:
        link: as trained.
        scores: of its kept weights on the test split.
        before: what the link before reached.
    """
    diverged = link.ended_by in {"diverged", "nothing to go on from"}
    return Outcome(
        top1=None if diverged else scores.top1,
        loss=None if diverged else scores.loss,
        selected_top1=link.best.top1 if link.best else None,
        last_top1=link.history[-1].top1 if link.history else None,
        best_epoch=link.best.epoch if link.best else 0,
        epochs=len(link.history),
        ended_by=link.ended_by,
        switch=_switch(link, before) if before else None,
        test_images=len(scores.predicted),
    )


def _switch(link: TrainResult, before: Outcome) -> Switch:
    earlier = before.switch.epoch if before.switch else 0
    epoch, reached = earlier + before.epochs, before.selected_top1
    if reached is None or link.best is None:
        return Switch(epoch=epoch, before=reached, jump=None, gain=None)
    return Switch(
        epoch=epoch,
        before=reached,
        jump=link.history[0].top1 - reached,
        gain=link.best.top1 - reached,
    )
