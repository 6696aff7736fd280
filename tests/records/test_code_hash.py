"""The fingerprint moves with the code that a number depends on, and with nothing else."""

import re
import shutil
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
from edited import Edit, editing

from cxv.config.augmentation import RandAugment
from cxv.config.spec import Run
from cxv.jobs import report, train
from cxv.records import code_hash as subject

FILES = {
    "__init__.py": "",
    "layers.py": '''
        """Parts."""
        import math

        SCALE = 2
        UNUSED = 3

        def norm(x):
            """Divide."""
            return x / SCALE  # by the scale

        def other(x):
            return math.sqrt(x)
    ''',
    "widths.py": "WIDTH = 5",
    "depths.py": """
        DEPTHS = []
        if True:
            DEPTH = 6
        DEPTHS.append(7)
    """,
    "sub/__init__.py": "",
    "sub/deep.py": "DEEP = 8",
    "models.py": """
        import cxv.layers
        import cxv.sub.deep
        import cxv.widths
        import cxv.widths as wide
        from cxv.depths import DEPTH
        from cxv.layers import norm
        from cxv import layers

        class Net:
            def forward(self, x):
                return norm(x)

        ROW = Net()
        OTHER_ROW = layers.other(4)
        DOTTED = cxv.layers.other(5)
        RENAMED = wide.WIDTH
        DEEP = DEPTH
        DEEPER = cxv.sub.deep.DEEP
    """,
}


@pytest.fixture
def edit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Edit]:
    """Work on a small package in place of the project's; return a function that edits it."""
    package = tmp_path / "cxv"
    (package / "sub").mkdir(parents=True)
    for name, text in FILES.items():
        (package / name).write_text(textwrap.dedent(text))
    yield from editing(tmp_path, monkeypatch)


@pytest.mark.parametrize(
    ("file", "old", "new", "moves"),
    [
        ("layers.py", "# by the scale", "# halved", False),
        ("layers.py", '"""Divide."""', '"""Halve."""', False),
        ("layers.py", "return x / SCALE", "return (x /\n            SCALE)", False),
        ("layers.py", "UNUSED = 3", "UNUSED = 4", False),
        ("layers.py", "return math.sqrt(x)", "return x", False),
        ("models.py", "OTHER_ROW = layers.other(4)", "OTHER_ROW = 1\nTHIRD = 2", False),
        ("layers.py", "SCALE = 2", "SCALE = 4", True),
        ("layers.py", "return x / SCALE", "return x * SCALE", True),
        ("models.py", "return norm(x)", "return norm(norm(x))", True),
    ],
)
def test_only_code_that_the_entry_names_moves_it(
    edit: Edit, file: str, old: str, new: str, moves: bool
) -> None:
    before = subject.fingerprint("cxv.models:ROW")
    edit(file, old, new)
    assert (subject.fingerprint("cxv.models:ROW") != before) == moves


def test_a_module_that_is_named_counts_whole(edit: Edit) -> None:
    before = subject.fingerprint("cxv.models:OTHER_ROW")
    edit("layers.py", "UNUSED = 3", "UNUSED = 4")
    assert subject.fingerprint("cxv.models:OTHER_ROW") != before


@pytest.mark.parametrize(
    ("row", "file", "old", "new", "moves"),
    [
        ("DOTTED", "layers.py", "UNUSED = 3", "UNUSED = 4", True),
        ("DOTTED", "widths.py", "WIDTH = 5", "WIDTH = 6", True),  # both are bound to `cxv`
        ("DEEPER", "sub/deep.py", "DEEP = 8", "DEEP = 9", True),
        ("RENAMED", "widths.py", "WIDTH = 5", "WIDTH = 6", True),
        ("RENAMED", "layers.py", "UNUSED = 3", "UNUSED = 4", False),
        ("DEEP", "depths.py", "DEPTH = 6", "DEPTH = 7", True),  # bound inside an `if`
        ("DEEP", "depths.py", "append(7)", "append(8)", True),  # runs when it is imported
        ("DEEP", "widths.py", "WIDTH = 5", "WIDTH = 6", False),
    ],
)
def test_code_is_found_however_it_is_imported_and_bound(
    edit: Edit, row: str, file: str, old: str, new: str, moves: bool
) -> None:
    before = subject.fingerprint(f"cxv.models:{row}")
    assert re.fullmatch(r"[0-9a-f]{12}", before)
    edit(file, old, new)
    assert (subject.fingerprint(f"cxv.models:{row}") != before) == moves


def test_an_unknown_entry_is_refused(edit: Edit) -> None:
    with pytest.raises(LookupError, match=r"cxv\.models:NONE"):
        subject.fingerprint("cxv.models:NONE")


@pytest.fixture
def real(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Edit]:
    """Work on a copy of the project's own code."""
    shutil.copytree(subject.ROOT / "cxv", tmp_path / "cxv")
    yield from editing(tmp_path, monkeypatch)


@pytest.mark.parametrize(
    ("file", "old", "new", "moves"),
    [
        ("training/setup.py", "top1=None if diverged else scores.top1", "top1=0.9", True),
        ("training/setup.py", '"init", 0', '"init", 1', True),
        ("config/spec.py", "variant_settings=variant.set", "variant_settings={}", True),
        ("networks/registry.py", "description = apply(description)", "apply(description)", True),
        ("training/seeds.py", "digest[:7]", "digest[:6]", True),
        ("data/tensors.py", "div_(255)", "div_(256)", True),
        ("training/trainer.py", "(len(truth) / len(targets))", "2", True),
        ("training/determinism.py", "benchmark = False", "benchmark = True", True),
        ("training/early_stopping.py", "- gained >= patience", "- gained > patience", True),
        ("networks/mixers/performer.py", "1e-3", "1e-2", True),
        ("networks/mixers/nystrom.py", "landmarks", "marks", False),
        ("networks/models/resnet.py", "F.relu", "F.gelu", False),
        ("augment/plan.py", "tuple(resolve_name", "list(resolve_name", True),
        ("augment/randaugment.py", "BINS = 31", "BINS = 32", False),
        ("networks/registry.py", '"CNV-5/4"', '"CNV"', False),
        ("tracking/live.py", "2", "3", False),
        ("results/table.py", "percent", "per cent", False),
    ],
)
def test_a_run_is_made_by_the_code_that_decides_its_numbers(
    real: Edit, run: Run, file: str, old: str, new: str, moves: bool
) -> None:
    before = train.job(run).code
    real(file, old, new)
    assert (train.job(run).code != before) == moves


@pytest.mark.parametrize(
    ("file", "old", "new", "moves"),
    [
        ("augment/randaugment.py", "BINS = 31", "BINS = 32", True),
        ("augment/intensity.py", "LEVELS = 256", "LEVELS = 255", True),
        ("augment/cutout.py", "// 2", "// 3", False),
        ("augment/entries.py", "cutout:draw", "cutout:drew", False),
    ],
)
def test_an_augmented_run_is_made_by_its_own_augmentations_too(
    real: Edit, run: Run, file: str, old: str, new: str, moves: bool
) -> None:
    setting = RandAugment(name="randaugment", operations=1, magnitude=1)
    augmented = run.phases[0].model_copy(update={"augment": (setting,)})
    run = run.model_copy(update={"phases": (augmented, run.phases[1])})
    before = train.job(run).code
    real(file, old, new)
    assert (train.job(run).code != before) == moves


@pytest.mark.parametrize(
    ("file", "old", "new", "moves"),
    [
        ("report/rendering.py", '"signed": signed', '"signed": str', True),
        ("report/contents.py", "compare(table, records)", "compare(table, other)", True),
        (
            "results/lookup.py",
            "made_by := record.stamp.code",
            "made_by := record.stamp.commit",
            True,
        ),
        ("results/table.py", 'else "Every study', 'else "Each study', True),
        ("paper/claims_from_printed_numbers.py", "def judge(", "def judge(*_, ", True),
        ("paper/printed_tables.py", "NUMBER.fullmatch(digits)", "NUMBER.match(digits)", True),
        ("paper/verdict_rules/hypothesis.py", "self.low < interval.low", "True", True),
        ("paper/verdict_rules/printed_top1.py", "* mean.error", "* mean.sd", True),
        ("paper/claim_family.py", "if p < alpha", "if p <= alpha", True),
        ("paper/costs.py", "left + more, right + more", "left, right", True),
        ("results/differences.py", "100 / theirs", "100 / ours", True),
        ("results/seed_variances.py", "** 2 / 6", "** 2 / 12", True),
        ("statistics/estimate.py", "MIN_SEEDS = 3", "MIN_SEEDS = 2", True),
        ("statistics/differences.py", "2 / (count + 2) ** 2", "0.0", True),
        ("statistics/moderation.py", "SHARE_OF_FREEDOM = 0.15", "SHARE_OF_FREEDOM = 1.0", True),
        ("training/trainer.py", "(len(truth) / len(targets))", "2", False),
    ],
)
def test_a_report_is_made_by_all_code_that_reads_judges_and_prints(
    real: Edit, file: str, old: str, new: str, moves: bool
) -> None:
    before = report.code()
    real(file, old, new)
    assert (report.code() != before) == moves
