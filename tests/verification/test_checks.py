"""What each depth of a check looks at, on made-up records."""

from collections.abc import Callable
from pathlib import Path

import pytest
import samples
from resealed import edit

from cxv.config.grid import Params
from cxv.jobs import profile, train
from cxv.jobs.plan import Jobs
from cxv.records.receipt import Receipt
from cxv.records.run import FILES, RECORD
from cxv.records.sealed_folder import seal_folder
from cxv.verification.numbers import check_numbers, make_again
from cxv.verification.seals import check_seals

RESULTS = Path("results")
STUDY = RESULTS / "studies/small"
RUN = samples.RUNS / "digits/resnet18/base/s0/adamw"


@pytest.fixture
def params(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Params:
    monkeypatch.chdir(tmp_path)
    params = samples.grid(tmp_path)
    samples.make(params, "small", RESULTS)
    return params


def planned(params: Params) -> dict[str, Jobs]:
    return {"train": train.jobs(params, "small"), "profile": profile.jobs(params, "small")}


def faults(params: Params) -> tuple[str, ...]:
    return check_seals(planned(params), STUDY, results=RESULTS, data=Path("data")).faults


def test_untouched_records_have_no_fault(params: Params) -> None:
    found = check_seals(planned(params), STUDY, results=RESULTS, data=Path("data"))
    records = len(planned(params)["train"]) + len(planned(params)["profile"])
    assert found.says == f"{records} records and their files; datasets: 0; files of the report: 0"
    assert found.faults == ()


def test_records_that_are_missing_or_stale_are_counted_and_no_fault(params: Params) -> None:
    (RUN / "metrics.json").unlink()
    other = samples.RUNS / "digits/resnet18/base/s1/adamw"
    edit(other / "metrics.json", lambda fields: fields["spec"].update(seed=7))
    found = check_seals(planned(params), STUDY, results=RESULTS, data=Path("data"))
    assert "; 1 records not made; 1 stale" in found.says
    assert found.faults == ()


@pytest.mark.parametrize("name", [RECORD, *FILES])
def test_a_flipped_bit_in_any_file_of_a_run_is_named(params: Params, name: str) -> None:
    content = bytearray((RUN / name).read_bytes())
    content[len(content) // 2] ^= 1
    (RUN / name).write_bytes(content)
    [fault] = faults(params)
    assert fault.startswith(f"{RUN / name}: altered: ")


def test_a_report_is_held_against_its_seal(params: Params) -> None:
    (STUDY / "tables").mkdir(parents=True)
    (STUDY / "report.md").write_text("91.2 %")
    (STUDY / "tables/a.tex").write_text("91.2")
    seal_folder(STUDY)
    assert faults(params) == ()
    (STUDY / "report.md").write_text("99.9 %")
    (STUDY / "tables/a.tex").unlink()
    assert faults(params) == (
        f"{STUDY / 'report.md'}: altered: its SHA-256 is not the one in seal.json",
        f"{STUDY / 'tables/a.tex'}: missing",
    )
    (STUDY / "seal.json").write_text((STUDY / "seal.json").read_text().replace("a.tex", "b.tex"))
    assert faults(params) == (
        f"{STUDY / 'seal.json'}: altered: its values are not those that were sealed",
    )


def test_a_dataset_is_held_against_its_manifest(params: Params, tmp_path: Path) -> None:
    (tmp_path / "data/digits").mkdir(parents=True)
    (tmp_path / "data/digits/images.pt").write_bytes(b"images")
    (tmp_path / "data/digits/manifest.json").write_text("{")
    [fault] = faults(params)
    assert "manifest.json: altered: no whole JSON file" in fault


FORGERIES: dict[str, tuple[str, Callable[[str], str], str]] = {
    "a cell": ("table.csv", lambda text: text.replace(",best of 2 ", ",best of 9 ", 1), "says 9"),
    "a line more": ("runs.csv", lambda text: text + "1234\n", "says 1234 where nothing"),
    "words": ("report.md", lambda text: text.replace(" of ", " off "), "is not what is derived"),
    "a file more": ("mine.csv", lambda _: "99.9\n", "nothing derives it"),
}


@pytest.mark.slow
def test_every_number_of_every_form_is_derived_and_a_forged_one_named(params: Params) -> None:
    """One number is one fault, wherever it stands; the others count as derived."""
    small = params.only("small")
    make_again(small, STUDY, results=RESULTS, data=Path("data/raw"))
    whole = check_numbers(small, STUDY, results=RESULTS, data=Path("data/raw"))
    assert whole.faults == ()
    found, derived = (int(word) for word in whole.says.split() if word.isdigit() and len(word) > 3)
    assert found == derived > 1000
    for name, forge, says in FORGERIES.values():
        path = STUDY / name
        text = path.read_text() if path.exists() else ""
        assert forge(text) != text
        path.write_text(forge(text))
        [fault] = check_numbers(small, STUDY, results=RESULTS, data=Path("data/raw")).faults
        assert fault.startswith(f"{path}: {says}")
        path.write_text(text) if text else path.unlink()
    (STUDY / "paper.csv").unlink()
    [fault] = check_numbers(small, STUDY, results=RESULTS, data=Path("data/raw")).faults
    assert fault == f"{STUDY / 'paper.csv'}: missing"


def test_a_receipt_holds_for_the_very_records_that_were_checked(tmp_path: Path) -> None:
    receipt = Receipt(
        depth=2, says=("4 records", "9 numbers"), when="2026-01-02 03:04", machine="vm",
        commit=None, records="abc",
    )  # fmt: skip
    assert Receipt.load(tmp_path, "abc") is None
    receipt.save(tmp_path)
    assert Receipt.load(tmp_path, "abc") == receipt
    assert Receipt.load(tmp_path, "abx") is None
    path = tmp_path / "verified.json"
    path.write_text(path.read_text().replace('"depth": 2', '"depth": 4'))
    assert Receipt.load(tmp_path, "abc") is None
