"""Settings, edits of them that mean the same, and edits that concern certain jobs."""

from typing import NamedTuple

BASE = """
study: small
mirror: archives
gpus: {share: none}
checkpoint_seconds: 300
seeds: [0, 1]
profile_batch: 8
training:
  select_on: test
  validation_fraction: 0.1
  autocast_cuda: auto
  autocast_cpu: float32
  cpu_threads: 1
  memory: fused
datasets:
  digits: {source: digits}
  cifar10: {source: cifar10}
  photos: {source: image_folder, path: photos, image_size: 16}
models:
  cltv_small: {zoo: cltv, set: {dim: 32, dropout: 0.1, mixer: {heads: 2}}}
  resnet_small: {zoo: resnet18, set: {width: 8}}
  vit_small: {zoo: vit, set: {dim: 32, mixer: {heads: 2, dropout: 0.0}}}
variants:
  base: {}
  gelu: {edits: [gelu_after_conv]}
  shallow: {set: {depth: 2}}
phases:
  adamw:
    optimizer: {name: AdamW, lr: 0.001, betas: [0.9, 0.999], eps: 1.0e-8, weight_decay: 0.01}
    batch: 32
    patience: 3
    max_epochs: 8
  sgd:
    optimizer: {name: SGD, lr: 0.002, momentum: 0.9, weight_decay: 0.0}
    batch: 64
    patience: 2
    max_epochs: 5
  augmented:
    optimizer: {name: Adam, lr: 0.003}
    augment: [{name: flip}, {name: randaugment, operations: 1, magnitude: 1}]
    batch: 16
    patience: 4
    max_epochs: 9
  stepped:
    optimizer: {name: SGD, lr: 0.1}
    schedule: {name: MultiStepLR, milestones: [3, 6], gamma: 0.5}
    mix: {mixup: 0.8}
    label_smoothing: 0.1
    batch: 16
    patience: null
    max_epochs: 7
recipes: {adamw: [adamw], dualopt: [adamw, sgd], augmented: [augmented], stepped: [stepped], steps: [stepped]}
studies:
  small:
    title: Two optimizers
    runs:
      - {datasets: [digits], models: [cltv_small, resnet_small], recipes: [adamw, dualopt]}
      - {datasets: [digits], models: [cltv_small], variants: [gelu, shallow], recipes: [adamw], seeds: [0]}
  other:
    title: Two augmentations
    runs:
      - {datasets: [cifar10], models: [vit_small], recipes: [augmented], seeds: [7]}
      - {datasets: [photos], models: [vit_small], recipes: [stepped], seeds: [7]}
"""  # noqa: E501 - as users write them


class Equal(NamedTuple):
    """An edit that means the same: nothing is to be done after it."""

    what: str
    old: str
    new: str


class Other(NamedTuple):
    """An edit, and patterns of the jobs that it concerns."""

    what: str
    old: str
    new: str
    jobs: tuple[str, ...]


SGD = "weight_decay: 0.0}\n    batch: 64"
AFTER_SGD = "patience: 2\n    max_epochs: 5\n"
CLTV = "cltv_small: {zoo: cltv, set: {dim: 32, dropout: 0.1, mixer: {heads: 2}}}"
FIRST = "datasets: [digits], models: [cltv_small, resnet_small], recipes: [adamw, dualopt]}"

EQUAL = (
    Equal("a whole number for a float", SGD, SGD.replace("0.0", "0")),
    Equal("torch's default left out", ", weight_decay: 0.0}", "}"),
    Equal("several defaults left out", ", betas: [0.9, 0.999], eps: 1.0e-8", ""),
    Equal("torch's default spelled out", "lr: 0.1}", "lr: 0.1, momentum: 0, maximize: false}"),
    Equal("dampening without momentum", "lr: 0.1}", "lr: 0.1, dampening: 0.3}"),
    Equal("decoupled decay of no decay", "lr: 0.003}", "lr: 0.003, decoupled_weight_decay: true}"),
    Equal("1e-3 for 0.001", "lr: 0.001", "lr: 1e-3"),
    Equal(".9 for 0.9", "momentum: 0.9", "momentum: .9"),
    Equal("1.0e-1 for 0.1", "lr: 0.1}", "lr: 1.0e-1}"),
    Equal("what is not held out", "fraction: 0.1", "fraction: 0.3"),
    Equal("what is not held out, left out", "  validation_fraction: 0.1\n", ""),
    Equal("AMP of another device", "autocast_cuda: auto", "autocast_cuda: float16"),
    Equal("defaults of training", "memory: fused", "memory: fused\n  compile: false"),
    Equal("a micro-batch of the largest batch", "memory: fused",
          "memory: fused\n  micro_batch: 64"),
    Equal("a comment", "cpu_threads: 1", "cpu_threads: 1  # of one training"),
    Equal("another order of keys", "    batch: 32\n    patience: 3\n",
          "    patience: 3\n    batch: 32\n"),
    Equal("block style", "resnet_small: {zoo: resnet18, set: {width: 8}}",
          "resnet_small:\n    set:\n      width: 8\n    zoo: resnet18"),
    Equal("an anchor and its alias", "{heads: 2}}}\n  resnet_small:",
          "&two {heads: 2}}}\n  unused: {zoo: cpv, set: {mixer: *two}}\n  resnet_small:"),
    Equal("quoted words", "source: digits", 'source: "digits"'),
    Equal("no smoothing", AFTER_SGD, f"{AFTER_SGD}    label_smoothing: 0\n"),
    Equal("no schedule, steps or mix", AFTER_SGD,
          f"{AFTER_SGD}    schedule: null\n    augment: []\n    mix: ~\n"),
    Equal("a patience that epochs end", "patience: null", "patience: 7"),
    Equal("a tolerance of no patience", "patience: null", "patience: null\n    tolerance: 0.2"),
    Equal("steps by the factor 1", AFTER_SGD,
          f"{AFTER_SGD}    schedule: {{name: StepLR, step_size: 2, gamma: 1}}\n"),
    Equal("a step after the last epoch", AFTER_SGD,
          f"{AFTER_SGD}    schedule: {{name: MultiStepLR, milestones: [5]}}\n"),
    Equal("a milestone after the last epoch", "[3, 6]", "[6, 3, 7]"),
    Equal("a sequence of one", "{name: MultiStepLR, milestones: [3, 6], gamma: 0.5}",
          "{name: SequentialLR, milestones: [], schedulers:"
          " [{name: MultiStepLR, milestones: [3, 6], gamma: 0.5}]}"),
    Equal("the row's own number", CLTV, CLTV.replace("dim: 32", "dim: 32, depth: 5")),
    Equal("the part's own word", CLTV, CLTV.replace("heads: 2", "heads: 2, kernel: softmax")),
    Equal("a part without changes", "set: {width: 8}", "set: {width: 8, blocks: [2, 2, 2, 2]}"),
    Equal("a whole number for a rate", "dropout: 0.0}", "dropout: 0}"),
    Equal("a variant's own number", "{depth: 2}", "{depth: 2, expansion: 2, dropout: 0.1}"),
    Equal("every image of a class", "{source: cifar10}",
          "{source: cifar10, per_class: {train: 5000, test: 1000}}"),
    Equal("another path to a folder", "path: photos", "path: ./photos/"),
    Equal("another folder", "path: photos", "path: ~/photos/more"),
    Equal("defaults of photos", "image_size: 16",
          "image_size: 16, resize: squash, split: null, skip_unreadable: false"),
    Equal("an augmentation's default", "{name: flip}", "{name: flip, probability: 0.5}"),
    Equal("no deviation", "magnitude: 1}", "magnitude: 1, deviation: 0}"),
    Equal("another order of seeds", "seeds: [0, 1]", "seeds: [1, 0]"),
    Equal("the seeds of all", FIRST, f"{FIRST[:-1]}, seeds: [0, 1]}}"),
    Equal("the base variant", FIRST, f"{FIRST[:-1]}, variants: [base]}}"),
    Equal("no part of all", "title: Two opt", "in_all: false\n    title: Two opt"),
    Equal("where, not what", "gpus: {share: none}\ncheckpoint_seconds: 300",
          "gpus: {share: auto}\ncheckpoint_seconds: 20"),
    Equal("what nothing uses", "recipes: {", "recipes: {unused: [sgd], "),
)  # fmt: skip

SMALL, OTHER = ("table small", "report small"), ("table other", "report other")
ALL_RUNS = ("train *", *SMALL, *OTHER)
ADAMW, SGDS = ("train digits/*", *SMALL), ("train digits/*/sgd", *SMALL)
STEPPED, FLIPPED = ("train photos/*", *OTHER), ("train cifar10/*", "examples cifar10_*", *OTHER)
CLTVS = ("train digits/cltv_small/*", "profile digits/cltv_small/*", *SMALL)

CHANGED = (
    Other("a rate", "lr: 0.002", "lr: 0.0021", SGDS),
    Other("a little decay", SGD, SGD.replace("0.0", "1.0e-9"), SGDS),
    Other("a momentum", "momentum: 0.9", "momentum: 0.8", SGDS),
    Other("dampening of momentum", "momentum: 0.9", "momentum: 0.9, dampening: 0.1", SGDS),
    Other("a switch", "momentum: 0.9", "momentum: 0.9, nesterov: true", SGDS),
    Other("another optimizer", "name: AdamW", "name: Adam", ADAMW),
    Other("the other beta", "betas: [0.9, 0.999]", "betas: [0.999, 0.9]", ADAMW),
    Other("eps", "eps: 1.0e-8", "eps: 1.0e-7", ADAMW),
    Other("amsgrad", "eps: 1.0e-8", "eps: 1.0e-8, amsgrad: true", ADAMW),
    Other("a batch", "batch: 32", "batch: 31", ADAMW),
    Other("a patience", "patience: 3", "patience: null", ADAMW),
    Other("a patience that ends with the epochs", "patience: null", "patience: 6", STEPPED),
    Other("a tolerance", "patience: 3", "patience: 3\n    tolerance: 0.01", ADAMW),
    Other("the most epochs", "max_epochs: 5", "max_epochs: 6", SGDS),
    Other("the most seconds", "max_epochs: 5", "max_epochs: 5\n    max_seconds: 60", SGDS),
    Other("a smoothing", "label_smoothing: 0.1", "label_smoothing: 0.2", STEPPED),
    Other("no mix", "    mix: {mixup: 0.8}\n", "", STEPPED),
    Other("another mix", "{mixup: 0.8}", "{cutmix: 0.8}", STEPPED),
    Other("a milestone", "[3, 6]", "[3, 5]", STEPPED),
    Other("a factor", "gamma: 0.5", "gamma: 0.25", STEPPED),
    Other("a step before the last epoch", AFTER_SGD,
          f"{AFTER_SGD}    schedule: {{name: MultiStepLR, milestones: [4]}}\n", SGDS),
    Other("what is held out", "select_on: test", "select_on: validation", ALL_RUNS),
    Other("threads", "cpu_threads: 1", "cpu_threads: 2", ALL_RUNS),
    Other("a memory mode", "memory: fused", "memory: lean", ALL_RUNS),
    Other("compiled", "memory: fused", "memory: fused\n  compile: true", ALL_RUNS),
    Other("a micro-batch of larger batches", "memory: fused", "memory: fused\n  micro_batch: 32",
          SGDS),
    Other("AMP of this device", "autocast_cpu: float32", "autocast_cpu: bfloat16", ALL_RUNS),
    Other("a width", "{width: 8}", "{width: 9}",
          ("train digits/resnet_small/*", "profile digits/resnet_small/*", *SMALL)),
    Other("a dropout", CLTV, CLTV.replace("0.1", "0.2"), CLTVS),
    Other("a number of a part", "dropout: 0.0}", "dropout: 0.1}",
          ("train */vit_small/*", "profile */vit_small/*", *OTHER)),
    Other("an edit", "[gelu_after_conv]", "[batch_norm]",
          ("train */gelu/*", "profile */gelu", *SMALL)),
    Other("a number of a variant", "{depth: 2}", "{depth: 3}",
          ("train */shallow/*", "profile */shallow", *SMALL)),
    Other("fewer images", "{source: digits}", "{source: digits, per_class: {train: 9}}",
          ("fetch digits", "train digits/*", "profile digits/*", *SMALL)),
    Other("one image of a class less", "{source: cifar10}",
          "{source: cifar10, per_class: {train: 4999}}",
          ("fetch cifar10", "profile cifar10/*", *FLIPPED)),
    Other("a size", "image_size: 16", "image_size: 8",
          ("fetch photos", "profile photos/*", *STEPPED)),
    Other("photos cut, not squashed", "image_size: 16", "image_size: 16, resize: crop",
          ("fetch photos", "profile photos/*", *STEPPED)),
    Other("photos that are split", "image_size: 16", "image_size: 16, split: 0.2",
          ("fetch photos", "profile photos/*", *STEPPED)),
    Other("photos that may be skipped", "image_size: 16", "image_size: 16, skip_unreadable: true",
          ("fetch photos",)),
    Other("a probability", "{name: flip}", "{name: flip, probability: 0.4}", FLIPPED),
    Other("a deviation", "magnitude: 1}", "magnitude: 1, deviation: 0.5}", FLIPPED),
    Other("another seed", "seeds: [0, 1]", "seeds: [0, 2]", ("train digits/*/s2/*", *SMALL)),
    Other("a batch that is measured", "profile_batch: 8", "profile_batch: 9",
          ("profile *", *SMALL, *OTHER)),
    Other("a title", "title: Two opt", "title: 2 opt", SMALL),
    Other("the name of a recipe", "recipes: [stepped]", "recipes: [steps]", OTHER),
)  # fmt: skip
