"""A fault in what describes the paper is reported with file, line, key and what is known."""

from pathlib import Path

import pytest
from paper_folders import copied
from shared_fixtures import ROOT

from cxv.errors import UserError
from cxv.paper.load_claims import load_paper

FOLDER = ROOT / "data/paper"
FILE, MEANS, SEARCH = "paper.yaml", "means.yaml", "search.yaml"

WRONG = {
    "an unknown metric of a column": (
        FILE, "cifar10: {metric: top1}", "cifar10: {metric: top2}",
        "tables.table2.columns.cifar10.metric: no metric 'top2'; did you mean 'top1'?"
        " (known: macs, memory, params, top1)",
    ),
    "an x that is no cost": (
        FILE, "x: gpu_gb, y: cifar10}", "x: cifar100, y: cifar10}",
        "figures.0.x: needs a column of costs, not cifar100",
    ),
    "a y that is no top-1": (
        FILE, "x: gpu_gb, y: cifar10}", "x: gpu_gb, y: macs_g}",
        "figures.0.y: needs a column of top-1, not macs_g",
    ),
    "a search for a top-1": (
        FILE, "params: params_m, macs: macs_g}", "params: cifar10, macs: macs_g}",
        "search.params: needs a column of params in M, not cifar10",
    ),
    "an unknown kind of metric": (
        FILE, "macs: {kind: macs,", "macs: {kind: mac,",
        "metrics.macs: no 'mac'; did you mean 'macs'? (known: 'top1', 'params', 'macs', 'memory')",
    ),
    "an unknown rule of counting": (
        FILE, "count: thop", "count: top", "metrics.macs.count: must be one of 'thop', 'ptflops'",
    ),
    "a metric and two columns in one": (
        FILE, "adamw: {metric: top1,", "adamw: {metric: top1, percent: [dualopt, adamw],",
        "tables.table3.columns.adamw: needs one of metric, percent",
    ),
    "neither a metric nor two columns": (
        FILE, "gpu_gb: {metric: memory}", "gpu_gb: {digits: 1}",
        "tables.table1.columns.gpu_gb: needs one of metric, percent",
    ),
    "an unknown column to compute with": (
        FILE, "percent: [dualopt, adamw]", "percent: [dualopt, adam]",
        "tables.table3.columns.increase_percent.percent: no column 'adam'; did you mean 'adamw'?"
        " (known: adamw, dualopt, increase_percent)",
    ),
    "an unknown axis": (
        FILE, "axes: [variant]", "axes: [variants]",
        "tables.table2.axes.0: must be one of 'dataset', 'model', 'variant', 'recipe', not",
    ),
    "an unknown table of a figure": (
        FILE, "table: table1, x: gpu_gb", "table: table9, x: gpu_gb",
        "figures.0.table: no table 'table9'; did you mean 'table4'? (known: table1, table2,",
    ),
    "an unknown column of a figure": (
        FILE, "table: table1, x: gpu_gb", "table: table1, x: gpu",
        "figures.0: no column 'gpu'; did you mean 'gpu_gb'? (known: cifar10, cifar100, gpu_gb,",
    ),
    "an unknown kind of figure": (
        FILE, "kind: architecture, models", "kind: architektur, models",
        "figures.2: no 'architektur'; did you mean 'architecture'? (known: 'accuracy",
    ),
    "an unknown model of a figure": (
        FILE, "models: [cnv, cltv, cpv, vilt]", "models: [cnv, cltv, cpv, vlit]",
        "figures.2.models: no model 'vlit'; did you mean 'vit'? (known: cct, cltv, cnv,",
    ),
    "an unknown table to search by": (
        FILE, "search: {table: table1,", "search: {table: tables,",
        "search.table: no table 'tables'; did you mean 'table",
    ),
    "an unknown column to search by": (
        FILE, "params: params_m, macs: macs_g}", "params: params_m, macs: mac_g}",
        "search: no column 'mac_g'; did you mean 'macs_g'? (known: cifar10, cifar100, gpu_gb,",
    ),
    "an unknown model of `but`": (
        FILE, "but: {cltv: {recipe: randaugment3}}", "but: {cltw: {recipe: randaugment3}}",
        "tables.table4.columns.randaugment.but: no name 'cltw'; did you mean 'cltv'? (known: a",
    ),
    "an unknown recipe of `but`": (
        FILE, "but: {cltv: {recipe: posttrain3}}", "but: {cltv: {recipe: posttrain4}}",
        "tables.table4.columns.posttrain.but.cltv.recipe: no recipe 'posttrain4'; did you mean",
    ),
    "an unknown dataset of a column": (
        FILE, "of: {dataset: cifar100}", "of: {dataset: cifar1000}",
        "tables.table1.columns.cifar100.of.dataset: no dataset 'cifar1000'; did you mean 'cifar10",
    ),
    "an unknown model of a table": (
        FILE, "of: {model: cnv}", "of: {model: cnvv}",
        "tables.table2.of.model: no model 'cnvv'; did you mean 'cnv'? (known: cct, cltv, cnv,",
    ),
    "an unknown recipe of all": (
        FILE, "recipe: dualopt}", "recipe: dualop}",
        "about.recipe: no recipe 'dualop'; did you mean 'dualopt'? (known: adamw,",
    ),
    "an unknown model of a block": (
        FILE, "models: [resnet18, resnet34]", "models: [resnet18, resnet35]",
        "blocks.convolutional.models: no model 'resnet35'; did you mean 'resnet34'?",
    ),
    "a model in no block": (
        FILE, "models: [cnv, cltv, cpv]}", "models: [cnv, cltv]}",
        "tables.table1.by_block: no block of model 'cpv'; did you mean 'cvt'? (known: cct, cltv,",
    ),
    "a misspelt key": (
        FILE, "heading: Embedding", "headings: Embedding",
        "tables.table2.headings: no such key here (allowed: axes, by_block, columns, heading, of,",
    ),
    "a figure without its axis of costs": (
        FILE, "x: gpu_gb, y: cifar10", "y: cifar10", "figures.0.x: is missing",
    ),
    "a column that paper.yaml lacks": (
        "table2.csv", "title,cifar10", "title,cifar10,other", "paper.yaml has no column other",
    ),
    "a column that is not printed": (
        "table4.csv", "randaugment,posttrain", "randaugment,post", "no column posttrain",
    ),
    "a network that the registry lacks": (
        MEANS, "  cnv: {}", "  cnv: {zoo: cnw}",
        "models.cnv: no model in cxv/networks/registry.py 'cnw'; did you mean 'cnv'?",
    ),
    "an unknown phase": (
        MEANS, "dualopt: [adamw, sgd]", "dualopt: [adamw, sdg]",
        "recipes.dualopt: no phase 'sdg'; did you mean 'sgd'? (known: adamw, adamw_low, adamw_ra,",
    ),
    "an unknown edit": (
        MEANS, "{edits: [batch_norm]}", "{edits: [batchnorm]}",
        "variants.batch_norm.edits: no edit 'batchnorm'; did you mean 'batch_norm'?",
    ),
    "a negative learning rate": (
        MEANS, "max_epochs: 300       #", "max_epochs: -3 #",
        "phases.adamw.max_epochs: must be above 0, not -3",
    ),
    "images of no split": (
        MEANS, "select_on: test ", "select_on: train ",
        "training.select_on: must be 'test' or 'validation', not 'train'",
    ),
    "a name that an entry gives itself": (
        MEANS, "  cnv: {}", "  cnv: {name: cnv}", "models.cnv.name: no such key here (allowed: ",
    ),
    "a space of an unknown model": (
        SEARCH, "spaces:\n  resnet18:", "spaces:\n  resnet19:",
        "spaces: no model 'resnet19'; did you mean 'resnet18'? (known: cct, cltv,",
    ),
    "a space with an unknown edit": (
        SEARCH, "edits: [[], [mean_pooling]]    #", "edits: [[], [mean_poling]] #",
        "spaces.fnet.edits: no edit 'mean_poling'; did you mean 'mean_pooling'? (known:",
    ),
    "a space that varies nothing": (
        SEARCH, "kernel: [3, 5, 7, 8, 9]", "kernel: []",
        "spaces.convmixer.settings.kernel: selects nothing: give at least one",
    ),
}  # fmt: skip
"""A file, its text before and after, and what is said of the line of the edit."""


def said(folder: Path, file: str, old: str, new: str) -> tuple[str, int]:
    """Return what is said after one edit, and the line of it."""
    copied(folder)
    text = (folder / file).read_text()
    assert old in text, f"{file} no longer holds {old!r}"
    (folder / file).write_text(text.replace(old, new, 1))
    with pytest.raises(UserError) as caught:
        load_paper(folder)
    return str(caught.value), text[: text.index(old)].count("\n") + 1


@pytest.mark.parametrize("case", WRONG)
def test_a_fault_is_reported_with_its_place(case: str, tmp_path: Path) -> None:
    file, old, new, expected = WRONG[case]
    folder = tmp_path / "paper"
    message, line = said(folder, file, old, new)
    if case == "a model in no block":  # it is the table that asks for blocks
        text = (folder / file).read_text()
        line = text[: text.index("by_block: true")].count("\n") + 1
    assert f"{folder / file}:{line}: {expected}" in message


@pytest.mark.parametrize(
    ("table", "old", "new", "faults"),
    [
        (
            "table1", "vit,ViT-10/4", "vitt,ViT-10/4",
            ["axes: no model 'vitt'; did you mean 'vit'? (known: cct,", "by_block: no block of"],
        ),
        (
            "table2", "embed_1_conv,", "embed_one_conv,",
            ["axes: no variant 'embed_one_conv'; did you mean 'embed_1_conv'? (known: base, batc"],
        ),
        (
            "table3", "tiny_imagenet,vin", "imagenet,vin",
            ["axes: no dataset 'imagenet'; did you mean 'tiny_imagenet'? (known: cifar10,"],
        ),
    ],
)  # fmt: skip
def test_a_row_that_means_yaml_lacks_is_named_at_its_table(
    tmp_path: Path, table: str, old: str, new: str, faults: list[str]
) -> None:
    folder = tmp_path / "paper"
    message, _ = said(folder, f"{table}.csv", old, new)
    lines = message.splitlines()
    text = (folder / FILE).read_text()
    first = text[: text.index(f"  {table}:")].count("\n") + 1
    for line, fault in zip(lines, faults, strict=True):
        place, _, rest = line.removeprefix(f"{folder / FILE}:").partition(": ")
        assert rest.startswith(f"tables.{table}.{fault}")
        assert first < int(place) < first + 5


@pytest.mark.parametrize("name", [FILE, MEANS, SEARCH, "table2.csv", "tolerances.yaml"])
def test_a_file_that_is_not_there_is_named(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "paper"
    copied(folder)
    (folder / name).unlink()
    with pytest.raises(UserError, match=r"No such file") as caught:
        load_paper(folder)
    assert str(folder / name) in str(caught.value)


def test_every_fault_of_a_file_is_reported_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "paper"
    copied(folder)
    text = (folder / FILE).read_text()
    text = text.replace("cifar10: {metric: top1}", "cifar10: {metric: top2}")
    (folder / FILE).write_text(text.replace("of: {model: cnv}", "of: {model: cvn}"))
    with pytest.raises(UserError) as caught:
        load_paper(folder)
    assert "no metric 'top2'" in str(caught.value)
    assert "no model 'cvn'" in str(caught.value)
