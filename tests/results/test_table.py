"""Numbers of a table are those of its records, and no other."""

import csv
import json
from pathlib import Path
from statistics import mean, stdev

import pytest
import samples
from judged import differing
from look_up import study_table

from cxv.config.grid import Params
from cxv.config.spec import Model
from cxv.records.run import Cell
from cxv.report.exports import metrics_json, runs_csv, table_csv
from cxv.report.wording import label
from cxv.results.lookup import Gap
from cxv.results.table import Row, Table


@pytest.fixture
def params(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Params:
    monkeypatch.chdir(tmp_path)
    return samples.grid(tmp_path)


def row(table: Table, *names: str) -> Row:
    """Return the only row whose names include all of ``names``."""
    rows = [
        row
        for row in table.rows
        if {*names} <= {row.dataset.name, row.model.name, row.variant.name, row.recipe}
    ]
    assert len(rows) == 1
    return rows[0]


def stored(run: str) -> float:
    return json.loads((samples.RUNS / run / "metrics.json").read_text())["outcome"]["top1"]


def value(row: Row, column: str) -> float:
    cell = row.cells[column]
    assert isinstance(cell, Cell)
    return cell.value


def gap(row: Row, column: str) -> Gap:
    cell = row.cells[column]
    assert isinstance(cell, Gap)
    return cell


def test_rows_stand_in_the_order_of_the_study_with_the_unedited_model_first(
    params: Params,
) -> None:
    by_value = Params.model_validate_json(params.only("small").canonical())
    table = study_table(by_value, "small", samples.RUNS, samples.PROFILES)
    names = [(r.dataset.name, r.model.name, r.variant.name, r.recipe) for r in table.rows]
    assert names == [
        ("digits", "cpv_small", "base", "adamw"),
        ("digits", "cpv_small", "base", "dualopt"),
        ("digits", "cpv_small", "gelu", "dualopt"),
        ("digits", "resnet18", "base", "adamw"),
        ("digits", "resnet18", "base", "dualopt"),
        ("cifar10", "cnv", "base", "posttrain"),
    ]


def test_best_mean_and_spread_are_those_of_the_stored_seeds(params: Params) -> None:
    cnv = row(samples.made(params), "cnv")
    top1 = [stored(f"cifar10/cnv/base/s{seed}/adamw_ra/adamw/sgd") for seed in (0, 1, 2)]
    assert value(cnv, "top1_best") == max(top1)
    assert value(cnv, "top1_mean") == pytest.approx(mean(top1))
    assert value(cnv, "top1_sd") == pytest.approx(stdev(top1))
    assert value(cnv, "n") == 3
    assert len(set(top1)) > 1, "equal seeds could not tell best from mean"


def test_costs_are_those_of_the_profile(params: Params) -> None:
    cnv = row(samples.made(params), "cnv")
    profile = json.loads((samples.PROFILES / "cifar10/cnv/base/profile.json").read_text())[
        "measured"
    ]
    counted = (
        "params",
        "params_modules",
        "macs_thop",
        "macs_fvcore",
    )
    for column in counted:
        assert value(cnv, column) == profile[column]
    peaks = {
        (x["memory"], x["precision"], x["optimizer"]): x["predicted_peak_bytes"]
        for x in profile["peak_memory"]
    }
    assert value(cnv, "predicted_peak_bytes") == peaks["eager", "float32", "AdamW"]
    assert value(cnv, "predicted_lean_peak_bytes") == peaks["lean", "float32", "AdamW"]
    assert len(set(peaks.values())) == 12, "equal peaks could not tell which one is shown"


def test_a_table_of_nothing_says_not_run_everywhere(params: Params) -> None:
    table = study_table(params, "small", samples.RUNS, samples.PROFILES)
    cells = [cell for row in table.rows for cell in row.cells.values()]
    assert all(isinstance(cell, Gap) and cell.status == "not run" for cell in cells)
    assert table.rows[0].note == "2 of 2 not run (seed 0, 1)"
    assert json.loads(metrics_json(table)) == {}


def test_a_missing_seed_is_counted_and_the_others_averaged(params: Params) -> None:
    cnv = row(samples.made(params, missing={"cifar10/cnv/base/s1/adamw_ra/adamw/sgd"}), "cnv")
    assert value(cnv, "n") == 2
    assert cnv.note == "1 of 3 not run (seed 1)"
    best = cnv.cells["top1_best"]
    assert isinstance(best, Cell)
    assert best.rule == "best of 2 seeds; 1 of 3 not run (seed 1)"
    assert all("/s1/" not in source for source in best.sources)


def test_a_diverged_seed_is_reported_and_never_averaged(params: Params) -> None:
    lost = "cifar10/cnv/base/s2/adamw_ra/adamw/sgd"
    cnv = row(samples.made(params, diverged={lost}), "cnv")
    assert cnv.note == "1 of 3 diverged (seed 2)"
    kept = [stored(f"cifar10/cnv/base/s{seed}/adamw_ra/adamw/sgd") for seed in (0, 1)]
    assert value(cnv, "top1_mean") == pytest.approx(mean(kept))
    assert stored(lost) is None


def test_a_row_whose_seeds_all_diverged_shows_no_number(params: Params) -> None:
    ends = {f"digits/cpv_small/gelu/s{seed}/adamw/sgd" for seed in (0, 1)}
    gelu = row(samples.made(params, diverged=ends), "gelu")
    assert gap(gelu, "top1_best") == Gap("diverged", "2 of 2 diverged (seed 0, 1)")
    assert gap(gelu, "n").status == "diverged"


def test_one_seed_has_no_spread(params: Params) -> None:
    gelu = row(samples.made(params, missing={"digits/cpv_small/gelu/s1/adamw/sgd"}), "gelu")
    assert gap(gelu, "top1_sd").status == "one seed"
    assert value(gelu, "top1_best") == value(gelu, "top1_mean")


def test_a_record_of_other_settings_is_stale_and_its_number_nowhere(params: Params) -> None:
    samples.made(params, top1=231 / 360)
    sgd = params.phases["sgd"].model_copy(update={"patience": 4})
    edited = params.model_copy(update={"phases": params.phases | {"sgd": sgd}})
    table = study_table(edited, "small", samples.RUNS, samples.PROFILES)
    gelu = row(table, "gelu")
    assert gap(gelu, "top1_best") == Gap("stale", "2 of 2 stale (seed 0, 1)")
    [reason] = {
        seed.record.reason
        for seed in gelu.seeds
        if isinstance(seed.record, Gap) and seed.spec.seed == 0
    }
    assert "phases.1.patience: 3 != 4" in reason
    assert value(row(table, "resnet18", "adamw"), "top1_best") == 231 / 360, "adamw still holds"
    stale = [
        line
        for line in csv.DictReader(table_csv(table).splitlines())
        if line["recipe"] == "dualopt"
    ]
    accuracy = [line["value"] for line in stale if line["column"].startswith("top1")]
    assert accuracy
    assert not any(accuracy)
    assert all(not run.endswith("/sgd") for run in json.loads(metrics_json(table)))


def test_a_record_that_is_cut_short_is_altered_with_its_reason(params: Params) -> None:
    samples.made(params)
    (samples.PROFILES / "cifar10/cnv/base/profile.json").write_text('{"spec": ')
    cell = gap(row(study_table(params, "small", samples.RUNS, samples.PROFILES), "cnv"), "params")
    assert cell.status == "altered"
    assert "profile.json: altered: no whole JSON file" in cell.reason


def test_every_number_names_sources_that_exist_and_embed_the_digest(params: Params) -> None:
    table = samples.made(params)
    numbers = [cell for r in table.rows for cell in r.cells.values() if isinstance(cell, Cell)]
    numbers += [d.cell for d in differing(table, "recipe") if isinstance(d.cell, Cell)]
    assert len(numbers) == 6 * 14 + 2
    known = params.runs("small") | params.profiles("small")
    for source in {source for number in numbers for source in number.sources}:
        path, digest = source.split("#")
        assert Path(path).is_file()
        assert known["/".join(Path(path).parts[2:-1])].digest == digest
    assert all(number.sources for number in numbers)


def test_differences_are_paired_by_seed(params: Params) -> None:
    table = samples.made(params, diverged={"digits/cpv_small/base/s1/adamw/sgd"})
    cpv, resnet = differing(table, "recipe")
    ends = [(f"digits/resnet18/base/s{seed}/adamw/sgd") for seed in (0, 1)]
    gains = [stored(end) - stored(end.removesuffix("/sgd")) for end in ends]
    assert resnet.by_seed == dict(enumerate(gains))
    assert isinstance(resnet.cell, Cell)
    assert resnet.cell.value == pytest.approx(mean(gains))
    assert (cpv.row.recipe, cpv.base.recipe) == ("dualopt", "adamw")
    assert list(cpv.by_seed) == [0], "seed 1 diverged on one side"
    [gelu] = differing(table, "variant")
    assert (gelu.row.variant.name, gelu.base.variant.name) == ("gelu", "base")
    assert list(gelu.by_seed) == [0]


def test_a_difference_without_a_pair_says_why(params: Params) -> None:
    lost = {f"digits/resnet18/base/s{seed}/adamw" for seed in (0, 1)}
    [_, resnet] = differing(samples.made(params, missing=lost), "recipe")
    assert resnet.cell == Gap("not run", "2 of 2 not run (seed 0, 1)")


def test_the_table_says_on_which_images_the_epoch_was_selected(params: Params) -> None:
    table = study_table(params, "small", samples.RUNS, samples.PROFILES)
    held_out = "epoch selected on 10% of the training images, held out from training"
    assert table.selection == held_out
    papers = params.training.model_copy(update={"select_on": "test"})
    edited = params.model_copy(update={"training": papers})
    selection = study_table(edited, "small", samples.RUNS, samples.PROFILES).selection
    assert selection == "epoch selected on the test split"


def test_dvc_sees_every_link_by_its_id(params: Params) -> None:
    table = samples.made(params)
    numbers = json.loads(metrics_json(table))
    assert list(numbers) == list(params.runs("small"))
    assert all(set(of_run) == {"top1", "loss", "epochs"} for of_run in numbers.values())
    lines = list(csv.DictReader(runs_csv(table).splitlines()))
    assert [line["run"] for line in lines] == list(numbers)
    assert float(lines[0]["top1"]) == numbers[lines[0]["run"]]["top1"]
    assert (lines[0]["seed"], lines[0]["phases"]) == ("0", "adamw")


def test_all_unites_the_studies(params: Params) -> None:
    samples.made(params)
    table = study_table(params, "all", samples.RUNS, samples.PROFILES)
    assert table.rows == study_table(params, "small", samples.RUNS, samples.PROFILES).rows
    assert table.title == "Every study"


def test_a_row_of_table_1_under_another_name_or_changed_has_its_own_name() -> None:
    row = Model(name="cpv", zoo="cpv")
    assert label(row) == "CPV-5/4"
    assert label(Model(name="twin", zoo="cpv")) == "twin"
    assert label(Model(name="cpv", zoo="cpv", set={"dim": 64})) == "cpv"
