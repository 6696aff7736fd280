"""A study's command ends with what was found, where that is, and what comes next."""

from pathlib import Path

from cxv.report.opening import closing_words


def test_the_last_lines_of_a_study_are_its_findings_and_where_they_stand(tmp_path: Path) -> None:
    (tmp_path / "report.md").write_text(
        "# Title\n\n1. One is better.\n2. Two is not.\n\nIn brackets: intervals.\n\n"
        "## Table\n\n3. No finding.\n"
    )
    assert list(closing_words(tmp_path)) == [
        "1. One is better.",
        "2. Two is not.",
        f"The report: {tmp_path}/report.html",
        f"Next: python -m cxv open {tmp_path.name} (the report in a browser), show {tmp_path.name}"
        f" (its table here), verify {tmp_path.name} (does every number hold?)",
    ]


def test_a_part_of_a_study_ends_without_findings(tmp_path: Path) -> None:
    assert list(closing_words(tmp_path)) == []
