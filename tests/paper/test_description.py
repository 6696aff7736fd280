"""What the shipped paper's folder says: which runs numbers are about, and what is made of them."""

from decimal import Decimal
from pathlib import Path

import pytest
from paper_folders import copied
from papers import SHIPPED

from cxv.paper.description import load_description
from cxv.paper.paper_spec import Macs, Parameters, PeakMemory, Top1
from cxv.results.selection import Trained

DESCRIPTION, CELLS = SHIPPED.description, SHIPPED.printed.cells
MODELS = [
    "resnet18",
    "resnet34",
    "fnet",
    "mlp_mixer",
    "wavemix",
    "convmixer",
    "vit",
    "vin",
    "vip",
    "vilt",
    "cct",
    "cvt",
    "cnv",
    "cltv",
    "cpv",
]
DIGITS = {
    "resnet18": ("11.2", "0.56"),
    "resnet34": ("21.3", "1.16"),
    "fnet": ("1.3", "1.34"),
    "mlp_mixer": ("21.3", "3.02"),
    "wavemix": ("1.4", "2.59"),
}

ABOUT = {
    "table1.resnet18.params_m": ("cifar10", "resnet18", "base", "dualopt"),
    "table1.vilt.macs_g": ("cifar10", "vilt", "base", "dualopt"),
    "table1.cpv.gpu_gb": ("cifar10", "cpv", "base", "dualopt"),
    "table1.cltv.cifar10": ("cifar10", "cltv", "base", "dualopt"),
    "table1.fnet.cifar100": ("cifar100", "fnet", "base", "dualopt"),
    "table1.cnv.tiny_imagenet": ("tiny_imagenet", "cnv", "base", "dualopt"),
    "table2.embed_1_conv.cifar10": ("cifar10", "cnv", "embed_1_conv", "dualopt"),
    "table2.base.cifar10": ("cifar10", "cnv", "base", "dualopt"),
    "table2.embed_3_convs.cifar10": ("cifar10", "cnv", "embed_3_convs", "dualopt"),
    "table3.tiny_imagenet.resnet34.adamw": ("tiny_imagenet", "resnet34", "base", "adamw"),
    "table3.cifar10.cpv.dualopt": ("cifar10", "cpv", "base", "dualopt"),
    "table3.cifar10.cpv.adamw": ("cifar10", "cpv", "base", "adamw"),
    "table3.tiny_imagenet.vit.increase_percent": ("tiny_imagenet", "vit", "base", "dualopt"),
    "table4.cnv.randaugment": ("cifar10", "cnv", "base", "randaugment"),
    "table4.cnv.posttrain": ("cifar10", "cnv", "base", "posttrain"),
    "table4.cpv.randaugment": ("cifar10", "cpv", "base", "randaugment"),
    "table4.cpv.posttrain": ("cifar10", "cpv", "base", "posttrain"),
    "table4.cltv.randaugment": ("cifar10", "cltv", "base", "randaugment3"),  # sec. 4.2
    "table4.cltv.posttrain": ("cifar10", "cltv", "base", "posttrain3"),
}


@pytest.mark.parametrize("name", ABOUT)
def test_a_number_is_about_these_runs(name: str) -> None:
    assert CELLS[name].of == Trained(*ABOUT[name])


def test_of_all_that_says_what_a_number_is_about_the_last_wins(tmp_path: Path) -> None:
    """The paper, then the table, the row, the column, and what the column says of a model."""
    folder = tmp_path / "paper"
    copied(folder)
    text = (folder / "paper.yaml").read_text()
    column = "cifar10: {metric: top1, of: {variant: rotary}, but: {cnv: {dataset: cifar100}}}"
    text = text.replace("cifar10: {metric: top1}", column)
    text = text.replace("of: {model: cnv}", "of: {model: cnv, variant: no_conv, recipe: adamw}")
    (folder / "paper.yaml").write_text(text)
    cells = [cell for cell in load_description(folder).cells if cell.table == "table2"]
    assert {cell.of for cell in cells} == {Trained("cifar100", "cnv", "rotary", "adamw")}
    (folder / "paper.yaml").write_text(text.replace("of: {variant: rotary}, ", ""))
    cells = [cell for cell in load_description(folder).cells if cell.table == "table2"]
    assert [cell.of.variant for cell in cells] == ["embed_1_conv", "base", "embed_3_convs"]


def test_every_number_is_about_runs_that_means_yaml_has() -> None:
    means = DESCRIPTION.means
    assert len(CELLS) == 138
    for cell in CELLS.values():
        assert cell.of.dataset in means.datasets
        assert cell.of.model in means.models
        assert cell.of.variant in means.variants
        assert cell.of.recipe in means.recipes


def test_numbers_of_a_table_are_about_as_many_runs_as_it_prints() -> None:
    top1s = [cell for cell in CELLS.values() if cell.is_top1]
    about = {table: {x.of for x in top1s if x.table == table} for table in DESCRIPTION.file.tables}
    assert {table: len(found) for table, found in about.items()} == {
        "table1": 3 * 15, "table2": 3, "table3": 2 * 13, "table4": 2 * 3,
    }  # fmt: skip


@pytest.mark.parametrize("row", ["tiny_imagenet.vit", "cifar10.cpv", "cifar100.vin"])
def test_an_increase_is_made_of_both_columns_of_its_row(row: str) -> None:
    increase = CELLS[f"table3.{row}.increase_percent"]
    parts = (f"table3.{row}.dualopt", f"table3.{row}.adamw")
    assert (increase.parts, increase.metric, increase.rule) == (parts, None, "arithmetic")
    dualopt, adamw = (CELLS[part].value for part in parts)
    off = abs(100 * (dualopt - adamw) / adamw - increase.value)
    assert off < Decimal("0.02"), "printed to two digits, some of them cut off"
    assert {name for name, cell in CELLS.items() if cell.parts} == {
        name for name in CELLS if name.endswith("increase_percent")
    }


def test_a_column_is_measured_as_its_metric_says() -> None:
    kinds = {"params_m": Parameters, "macs_g": Macs, "gpu_gb": PeakMemory}
    for cell in CELLS.values():
        if cell.metric is not None:
            assert isinstance(cell.metric, kinds.get(cell.column, Top1))
    recipes: dict[str, set[str]] = {}
    for cell in CELLS.values():
        recipes.setdefault(cell.table, set()).add(cell.recipe)
    assert recipes == {
        "table1": {""},
        "table2": {""},
        "table3": {"AdamW", "DualOpT", ""},
        "table4": {"RandAugment", "post-training"},
    }


def test_what_is_open_is_searched_for_by_the_printed_digits() -> None:
    searches = DESCRIPTION.searches()
    assert [*searches] == MODELS
    for model, search in searches.items():
        printed = tuple(CELLS[f"table1.{model}.{x}"].digits for x in ("params_m", "macs_g"))
        assert (search.params_m, search.macs_g) == printed
        assert (search.image_size, search.classes) == (32, 10)
        assert search.model == DESCRIPTION.means.models[model]
        assert search.space == DESCRIPTION.spaces[model]
        assert search.id == model
    assert {x: (searches[x].params_m, searches[x].macs_g) for x in DIGITS} == DIGITS


def test_networks_are_counted_whose_counts_are_printed() -> None:
    counts = DESCRIPTION.counts()
    assert counts
    assert [*counts.networks] == [f"cifar10/{model}/base" for model in MODELS]
    for name, network in counts.networks.items():
        assert network.model.name == network.model.zoo == name.split("/")[1]
        assert not network.variant.is_edited
        assert (network.image_size, network.classes) == (32, 10)


def test_the_networks_of_the_figures_are_drawn() -> None:
    drawn = DESCRIPTION.drawn()
    assert [*drawn] == ["cnv", "cltv", "cpv", "vilt"]
    for name, summary in drawn.items():
        assert (summary.model.name, summary.id) == (name, name)
        assert (summary.variant.name, summary.image_size, summary.classes) == ("base", 32, 10)


def test_rows_of_the_search_have_the_printed_titles() -> None:
    titles = DESCRIPTION.row_titles()
    assert [*titles] == MODELS
    assert (titles["cpv"], titles["vilt"]) == ("CPV-5/4", "Hybrid ViLT-6/8")
