"""The networks of Table 1 are counted without data; a profile's counts go before these."""

from dataclasses import replace
from pathlib import Path

import kinds
import pytest
import torch
from judged import PAPER, found, grid, make
from look_up import every_record, find_counts, gather
from papers import SHIPPED
from profiled import predicted, stamp
from registry_rows import TABLE1
from resealed import edit

from cxv import create_model
from cxv.__main__ import main
from cxv.config.spec import Counts
from cxv.jobs import counts as counts_job
from cxv.paper.claim_tests import AsPrintedTest
from cxv.paper.claims_from_runs import judge_claim
from cxv.paper.judging_context import JudgingContext
from cxv.paper.printed_against_ours import judge_cells
from cxv.paper.selection import is_asked_for
from cxv.profiling import count_macs, count_module_params, count_params
from cxv.profiling.counting import count
from cxv.profiling.memory import predicted_peaks
from cxv.records.costs import Counted, CountsRecord, PredictedPeak
from cxv.records.cuda_context import CUDA_CONTEXT_BYTES
from cxv.report.contents import ExtraRecords
from cxv.report.rendering import render_html
from cxv.results.lookup import CountsLookup, Gap
from cxv.results.records import Records

pytestmark = pytest.mark.usefixtures("one_thread", "unchecked")
MEANS, NETWORKS = PAPER.description.means, SHIPPED.description.counts()
assert NETWORKS
ALL: Counts = NETWORKS


def some(*rows: str) -> Counts:
    """Return a part of what is counted."""
    names = [network(row) for row in rows]
    return Counts(
        networks={name: ALL.networks[name] for name in names},
        memory={name: ALL.memory[name] for name in names},
    )


def network(row: str) -> str:
    return f"cifar10/{row}/base"


def saved(path: Path, code: str | None = None) -> CountsLookup:
    """Write as counts of every row what Table 1 prints, of ResNet-18 a million parameters more."""
    code = code or counts_job.job(ALL).code

    def printed(row: str, column: str, unit: float) -> int:
        return round(float(PAPER.printed.cells[f"table1.{row}.{column}"].value) * unit)

    counted = {
        network(row): Counted(
            params=round(1.02 * printed(row, "params_m", 1e6)),
            params_modules=printed(row, "params_m", 1e6) + 1_000_000 * (row == "resnet18"),
            macs_thop=printed(row, "macs_g", 1e9),
            macs_ptflops=round(1.03 * printed(row, "macs_g", 1e9)),
            macs_fvcore=round(1.04 * printed(row, "macs_g", 1e9)),
            macs_products=round(1.05 * printed(row, "macs_g", 1e9)),
            memory=predicted(printed(row, "gpu_gb", 1e9)),
        )
        for row in TABLE1
    }
    record = CountsRecord(spec=ALL, counted=counted, stamp=stamp(code, seconds=7.0))
    path.write_text(record.text())
    return find_counts(path, ALL)


@pytest.mark.slow
def test_a_row_has_the_counts_of_its_network() -> None:
    counted = dict(count(some("cltv", "vilt")))
    assert [*counted] == ["cifar10/cltv/base", "cifar10/vilt/base"]
    model = create_model("cltv", classes=10, image_size=32).eval()
    image = torch.zeros(1, 3, 32, 32)
    by_rule = {f"macs_{rule}": macs.macs for rule, macs in count_macs(model, image).items()}
    adamw, _ = predicted_peaks(model, 32, 32, "eager", "float32")
    assert counted["cifar10/cltv/base"] == Counted(
        params=count_params(model),
        params_modules=count_module_params(model),
        **by_rule,
        memory=PredictedPeak(batch=32, peak=adamw, predicted_context_bytes=CUDA_CONTEXT_BYTES),
    )


def test_the_verb_counts_every_row_asked_for_and_its_record_is_found(
    tmp_path: Path,
) -> None:
    """Two rows in the place of all fifteen, which take a quarter of a minute."""
    spec, path = some("cltv", "fnet"), tmp_path / "counts.json"
    assert isinstance(find_counts(path, spec).record, Gap)
    assert main(["counts", spec.canonical(), "--out", str(path)]) == 0
    record = find_counts(path, spec).record
    assert not isinstance(record, Gap)
    assert record.stamp.code == counts_job.job(spec).code
    printed = {
        row: (f"{found.params_modules / 1e6:.1f}", f"{found.macs_thop / 1e9:.2f}")
        for row, found in record.counted.items()
    }
    as_printed = {"cltv": ("1.3", "1.38"), "fnet": ("1.3", "1.34")}
    assert printed == {network(row): digits for row, digits in as_printed.items()}
    for one in record.counted.values():
        assert one.memory
        assert (one.memory.batch, one.memory.peak.memory) == (32, "eager")


@pytest.mark.parametrize("rows", [(), ("cltv",), ("cltv", "fnet", "vit")])
def test_a_record_that_lacks_a_row_or_has_another_is_refused(
    tmp_path: Path, rows: tuple[str, ...]
) -> None:
    spec, path = some("cltv", "fnet"), tmp_path / "counts.json"
    one = Counted(
        params=3, params_modules=1, macs_thop=2, macs_ptflops=4, macs_fvcore=5, macs_products=6,
        memory=predicted(7),
    )  # fmt: skip
    made = stamp(counts_job.job(spec).code, seconds=1.0)
    whole = CountsRecord(spec=spec, counted=dict.fromkeys(spec.networks, one), stamp=made)
    path.write_text(whole.text())
    assert find_counts(path, spec).record == whole
    others = dict.fromkeys(map(network, rows), one.model_dump())
    edit(path, lambda fields: fields.update(counted=others))
    lost = find_counts(path, spec).record
    assert isinstance(lost, Gap)
    assert lost.status == "stale"
    assert f"counts of {[*map(network, rows)]}, asked for {[*spec.networks]}" in lost.reason


def test_a_record_without_the_memory_that_is_asked_for_is_refused(tmp_path: Path) -> None:
    spec, path = some("cltv", "fnet"), tmp_path / "counts.json"
    kinds.save_counts(path, spec)
    edit(path, lambda fields: fields["counted"][network("fnet")].update(memory=None))
    lost = find_counts(path, spec).record
    assert isinstance(lost, Gap)
    assert f"memory of ['cifar10/cltv/base'], asked for {[*spec.networks]}" in lost.reason


def test_a_study_without_profiles_shows_the_costs_of_table_1(tmp_path: Path) -> None:
    counts = saved(tmp_path / "counts.json")
    cells = judge_cells(PAPER, Records(MEANS, (), (), counts))
    words = {
        name: cells[name].verdict.word
        for row in TABLE1
        for name in (f"table1.{row}.params_m", f"table1.{row}.macs_g")
    }
    wrong = {"table1.resnet18.params_m": "not_reproduced"}
    chosen = dict.fromkeys(PAPER.printed.fitted(), "fitted")
    assert words == dict.fromkeys(words, "reproduced") | chosen | wrong
    assert {cells[name].sources for name in words} == {(counts.source,)}
    memory = [f"table1.{row}.gpu_gb" for row in TABLE1]
    for name in memory:  # with a CUDA context of 0.4 GB, as the column has it
        with_context = float(cells[name].printed.value) + 0.4
        assert cells[name].verdict.estimate == pytest.approx(with_context)
        assert (cells[name].words, cells[name].sources) == ("not judged", (counts.source,))
    assert {name for name, one in cells.items() if one.asked} == {*words, *memory}


def test_the_counts_of_a_profile_go_first(tmp_path: Path) -> None:
    params = grid(tmp_path)
    profile = make(params, tmp_path).profiles["cifar10/cnv/base"]
    records = Records(
        MEANS, (), found(params, tmp_path).profiles.values(), saved(tmp_path / "c.json")
    )
    cells = judge_cells(PAPER, records)
    assert cells["table1.cnv.params_m"].sources == (profile.source,)
    assert "c.json" in cells["table1.cltv.params_m"].sources[0]


def test_a_claim_on_counts_needs_no_profile(tmp_path: Path) -> None:
    counts = saved(tmp_path / "counts.json")
    claim = next(
        x for x in PAPER.claims.values() if any(isinstance(t, AsPrintedTest) for t in x.tests)
    )
    static = claim.model_copy(
        update={"tests": tuple(t for t in claim.tests if isinstance(t, AsPrintedTest))}
    )
    for records, is_judged in (
        (Records(MEANS, (), (), counts), True),
        (Records(MEANS, (), ()), False),
    ):
        outcome = judge_claim(static, JudgingContext(records, PAPER.printed, PAPER.tolerances))
        assert (outcome.word != "not_run") == is_judged
        assert is_asked_for(static.tests[0], records) == is_judged


def test_a_count_opens_what_made_it_and_how_to_make_it_again(tmp_path: Path) -> None:
    params, counts = grid(tmp_path), saved(tmp_path / "counts.json")
    contents = gather(params, "small", tmp_path, tmp_path, ExtraRecords(counts=counts), PAPER)
    page = render_html(contents)
    evidence = page.partition('id="table1-fnet-params_m"')[2].partition("popover id=")[0]
    assert not isinstance(counts.record, Gap)
    assert counts.record.stamp.commit in evidence
    assert evidence.count(f"snakemake --cores 1 --force {tmp_path / 'counts.json'}</code>") == 1


def test_counts_of_another_variant_or_size_are_no_row_of_table_1(tmp_path: Path) -> None:
    records = Records(MEANS, (), (), saved(tmp_path / "counts.json"))
    assert records.counted("cifar10/cpv/base")
    for network in ("cifar10/cpv/rotary", "tiny_imagenet/cpv/base", "cifar10/our_own/base"):
        assert records.counted(network) is None


def test_without_a_record_nothing_is_counted(tmp_path: Path) -> None:
    lost = saved(tmp_path / "counts.json")
    description = PAPER.description
    whole = every_record(grid(tmp_path), tmp_path, tmp_path, lost.path, paper=description)
    assert whole.counted("cifar10/cpv/base")
    gone = replace(lost, record=Gap("not run", "deleted"))
    assert Records(MEANS, (), (), gone).counted("cifar10/cpv/base") is None


def test_a_record_has_its_specification_and_stamp(tmp_path: Path) -> None:
    spec, path = some("resnet18"), tmp_path / "counts.json"
    counts_job.counts(spec.canonical(), path)
    record = CountsRecord.load(path, spec)
    assert record.stamp.code == counts_job.job(spec).code
    assert record.counted["cifar10/resnet18/base"].params_modules == pytest.approx(11.2e6, rel=0.01)
