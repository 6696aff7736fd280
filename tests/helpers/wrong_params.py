"""What users get wrong in params.yaml: old text, new text, and what must be said of it."""

WRONG = {
    "misspelt key": (
        "select_on: test",
        "selekt_on: test",
        "training.selekt_on: no such key here (allowed: autocast_cpu, autocast_cuda, compile,",
    ),
    "key left out": ("  cpu_threads: 1", "  # cpu_threads: 1", "training.cpu_threads: is missing"),
    "unknown model of the zoo": (
        "{zoo: cnv, set: {dim: 32, depth: 2",
        "{zoo: cnw, set: {dim: 32, depth: 2",
        "models.cnv_small: no model in cxv/networks/registry.py 'cnw'; did you mean 'cnv'?",
    ),
    "unknown model in a study": (
        "models: [cnv, cpv], recipes: [dualopt, randaugment",
        "models: [cnv, cpw], recipes: [dualopt, randaugment",
        "studies.table4.runs.0.models: no model 'cpw'; did you mean",
    ),
    "unknown dataset": (
        "datasets: [digits], models: [resnet18_small",
        "datasets: [digit], models: [resnet18_small",
        "studies.small.runs.0.datasets: no dataset 'digit'; did you mean 'digits'? (known:",
    ),
    "unknown source": (
        "{source: digits}",
        "{source: mnist}",
        "datasets.digits.source: must be one of 'digits', 'cifar10', 'cifar100'",
    ),
    "augmentation without a name": (
        "[{name: randaugment, operations: 1,",
        "[{operations: 1,",
        "augment.0: 'name' is missing: it tells which other keys there are",
    ),
    "unknown augmentation": (
        "[{name: randaugment, operations: 1,",
        "[{name: randaug, operations: 1,",
        "augment.0: no 'randaug'; did you mean 'randaugment'? (known: 'flip', 'crop',"
        " 'resized_crop', 'cutout', 'erasing', 'randaugment')",
    ),
    "no name": (
        "softmax_kernel: {set:",
        "softmax kernel: {set:",
        "variants.softmax kernel: must be a name of lower-case letters and digits, with _ between"
        " them, not 'softmax kernel'",
    ),
    "unknown variant to be measured": (
        "models: [mlp_mixer], variants: [wide_tokens]}",
        "models: [mlp_mixer], variants: [wide_token]}",
        "studies.claims.measured.1.variants: no variant 'wide_token'; did you mean 'wide_tokens'?",
    ),
    "unknown variant": (
        "variants: [gelu_after_conv]",
        "variants: [gelu_after_konv]",
        "no variant 'gelu_after_konv'; did you mean 'gelu_after_conv'?",
    ),
    "unknown edit": (
        "{set: {mixer: {kernel: elu}}}",
        "{edits: [batchnorm]}",
        "variants.elu_kernel.edits: no edit 'batchnorm'; did you mean 'batch_norm'?",
    ),
    "unknown phase": (
        "lite_dualopt: [adamw_lite, sgd_lite]",
        "lite_dualopt: [adamw_lite, sdg_lite]",
        "recipes.lite_dualopt: no phase 'sdg_lite'; did you mean 'sgd_lite'?",
    ),
    "unknown recipe": ("recipes: [adamw, dualopt]", "recipes: [adamw, dual]", "no recipe 'dual'"),
    "negative epochs": (
        "max_epochs: 25",
        "max_epochs: -3",
        "phases.adamw_lite.max_epochs: must be above 0, not -3",
    ),
    "zero epochs": (
        "max_epochs: 25",
        "max_epochs: 0",
        "phases.adamw_lite.max_epochs: must be above 0, not 0",
    ),
    "text for a number": (
        "batch: 32\n    patience: 6",
        "batch: many\n    patience: 6",
        "phases.adamw_lite.batch: must be a whole number, not 'many'",
    ),
    "a study that selects nothing": (
        "variants: [embed_1_conv, base, embed_3_convs]",
        "variants: []",
        "studies.table2.runs.0.variants: selects nothing: give at least one",
    ),
    "two datasets of one name": (
        "  cifar10_lite: {source: cifar10,",
        "  digits: {source: cifar10,",
        "datasets.digits: duplicate key; the first is on line",
    ),
    "unknown study": (
        "mirror: null ",
        "study: demos\nmirror: null ",
        "study: no study 'demos'; did you mean 'demo'? (known: ablations, all,",
    ),
    "number that a model lacks": (
        "set: {width: 8}",
        "set: {widht: 8}",
        "models.resnet18_small.set: with model resnet18_small: no setting widht; allowed:",
    ),
    "edit that does not fit": (
        "models: [cpv_small], variants: [gelu_after_conv]",
        "models: [resnet18_small], variants: [gelu_after_conv]",
        "variants.gelu_after_conv: with model resnet18_small:",
    ),
    "a dataset that brings no images": (
        "{source: digits}",
        "{source: digits, path: photos}",
        "datasets.digits: path: of source image_folder alone, not of digits",
    ),
    "own images without a place": (
        "{source: digits}",
        "{source: image_folder}",
        "datasets.digits: source image_folder needs a path",
    ),
    "a seed twice": ("seeds: [0, 1, 2]", "seeds: [0, 1, 0]", "seeds: each seed once, not 0 twice"),
    "a study named as a rule": (
        "  table2:",
        "  train:",
        "studies.train: names another target (reserved: ablations_data, ablations_profiles,",
    ),
    "a study named as a part of another": (
        "  table2:",
        "  table1_runs:",
        "studies.table1_runs: names another target (reserved:",
    ),
    "a model that is renamed": (
        "{zoo: resnet18, set: {width: 8}}",
        "{zoo: resnet18, name: wide, set: {width: 8}}",
        "models.resnet18_small.name: no such key here (allowed: set, zoo)",
    ),
    "a dataset that is renamed": (
        "{source: digits}",
        "{source: digits, name: cifar10}",
        "datasets.digits.name: no such key here (allowed: image_size, path, per_class, resize,",
    ),
    "an endless learning rate": (
        "lr: 0.001, momentum",
        "lr: 1e400, momentum",
        "phases.sgd_lite.optimizer.lr: must be a finite number, not inf",
    ),
    "a learning rate that is no number": (
        "lr: 0.001, momentum",
        "lr: .nan, momentum",
        "phases.sgd_lite.optimizer.lr: must be a number, not '.nan'",
    ),
    "unknown optimizer": (
        "{name: SGD, lr: 0.001",
        "{name: SDG, lr: 0.001",
        "phases.sgd_lite.optimizer.name: no optimizer 'SDG' (known: ASGD, Adadelta,",
    ),
    "an argument below its bound": (
        "momentum: 0.9, weight_decay: 0.0}",
        "momentum: -0.9, weight_decay: 0.0}",
        "phases.sgd_lite.optimizer.momentum: must be a number from 0, not -0.9",
    ),
    "an optimizer that wants more than gradients": (
        "{name: SGD, lr: 0.001, momentum: 0.9, weight_decay: 0.0}",
        "{name: LBFGS, lr: 0.001}",
        "phases.sgd_lite.optimizer.name: LBFGS cannot be used: it computes the loss several times a"
        " step (known: ASGD, Adadelta,",
    ),
    "a schedule that ends before its phase": (
        "optimizer: {name: SGD,",
        "schedule: {name: OneCycleLR, max_lr: 0.1, total_steps: 9}\n    optimizer: {name: SGD,",
        "phases.sgd_lite.schedule.total_steps: the cycle ends after 9 epochs, and may be asked for"
        " 12 (max_epochs, less what other schedules take): set total_steps to 12 or more",
    ),
    "a part of a schedule that torch lacks": (
        "optimizer: {name: SGD,",
        "schedule: {name: SequentialLR, milestones: [3], schedulers: [{name: LinearLR},"
        " {name: CosineLR}]}\n    optimizer: {name: SGD,",
        "phases.sgd_lite.schedule.schedulers.1.name: no schedule 'CosineLR' (known: Chained",
    ),
    "a part of a schedule without a name": (
        "optimizer: {name: SGD,",
        "schedule: {name: ChainedScheduler, schedulers: [{gamma: 0.5}]}\n"
        "    optimizer: {name: SGD,",
        "phases.sgd_lite.schedule.schedulers.0.name: is missing",
    ),
    "a mix of nothing": (
        "optimizer: {name: SGD,",
        "mix: {}\n    optimizer: {name: SGD,",
        "phases.sgd_lite.mix: mixes nothing: give mixup, cutmix or both, or mix: null",
    ),
    "an unknown mix": (
        "optimizer: {name: SGD,",
        "mix: {mixup: 0.8, cutmx: 1.0}\n    optimizer: {name: SGD,",
        "phases.sgd_lite.mix.cutmx: no such key here (allowed: cutmix, mixup)",
    ),
    "smoothing of everything": (
        "optimizer: {name: SGD,",
        "label_smoothing: 1\n    optimizer: {name: SGD,",
        "phases.sgd_lite.label_smoothing: must be below 1, not 1",
    ),
    "areas the wrong way round": (
        "[{name: randaugment, operations: 1,",
        "[{name: resized_crop, scale: [1, 0.8]}, {name: randaugment, operations: 1,",
        "augment.0.scale: [1.0, 0.8] has its bounds the wrong way round: least, then most",
    ),
    "an area beyond the image": (
        "[{name: randaugment, operations: 1,",
        "[{name: erasing, scale: [0.1, 1.2]}, {name: randaugment, operations: 1,",
        "augment.0.scale.1: must be 1 or less, not 1.2",
    ),
    "a network that no image fits": (
        "vit_small: {zoo: vit, set: {dim: 32, ",
        "vit_small: {zoo: vit, set: {stem: {patch: 3}, dim: 32, ",
        "models.vit_small.set: with model vit_small on images of 8 pixels: image_size=8: patches of"
        " 3 pixels do not cover it",
    ),
    "a batch norm of one value": (
        "micro_batch: null ",
        "micro_batch: 1 ",
        "training.micro_batch: comes down to one image of 8 pixels with resnet18_small/base: batch"
        " norms of this network see maps of one pixel there: they need two images or more",
    ),
    "compiled to be computed again": (
        "memory: fused           # maps kept for the backward pass: eager (all) | fused | lean"
        " (a few; 1.3 x the time)\n"
        "  compile: false",
        "memory: lean\n  compile: true",
        "training: compile: true cannot compute maps again as memory: lean asks (allowed: memory:",
    ),
    "unknown policy for stale records": (
        "stale: retrain",
        "stale: ignore",
        "stale: must be 'retrain' or 'report', not 'ignore'",
    ),
    "no YAML": ("mirror: null", "mirror: [null", "not YAML"),
}


ELSEWHERE = {
    "compiled to be computed again": "training:",
    "key left out": "training:",
    "edit that does not fit": "variants:     ",  # it is inherited: no line has its name
}
"""Text on the line that is reported, where it is not the edited one."""
