"""Commands that are typed in part, and files that cannot be read, end in one line."""

import logging
from pathlib import Path

import pytest

from cxv.__main__ import main
from cxv.jobs import model_summary


def said(caplog: pytest.LogCaptureFixture, *arguments: str) -> str:
    with caplog.at_level(logging.ERROR):
        assert main(arguments) == 1
    return caplog.text


@pytest.mark.parametrize(
    "arguments", [("check", "--params"), ("stale", "--results"), ("check", "x")]
)
def test_an_option_without_its_value_is_refused(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(arguments)
    assert "error: " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("{}", "model: is missing; variant: is missing; image_size: is missing; 1 more)"),
        ("{", "the text: is no whole JSON text (line 1, column 1))"),
        ("[]", "the text: must be a mapping of keys to values, not [])"),
    ],
)
def test_a_job_without_its_specification(
    spec: str, expected: str, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    text = said(caplog, "model-summary", spec, "--out", str(tmp_path / "out.json"))
    assert f"error: no specification of ModelSummary ({expected}" in text
    assert text.rstrip().endswith("copy it from Snakemake's log")


def test_a_folder_in_a_files_place_is_named(
    caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    assert f"{tmp_path}: Is a directory" in said(caplog, "check", "--params", str(tmp_path))


def test_a_disk_that_refuses_is_no_fault_of_the_user(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A retry may help, so that the line does not begin as a fault does."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "results/x.json")

    monkeypatch.setattr(model_summary.ModelSummary, "model_validate_json", full)
    text = said(caplog, "model-summary", "{}", "--out", str(tmp_path / "out.json"))
    assert "no access: results/x.json: No space left on device" in text
    assert "error: " not in text
