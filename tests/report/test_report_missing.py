"""What is deleted is missed where it belongs: the rest of the page stays as it was."""

import re
import shutil
from pathlib import Path

import pytest
import samples
from look_up import gather

from cxv.config.grid import Params
from cxv.report.rendering import ACCURACY, render_html

ROW = "digits-resnet18-base-dualopt"
END = "digits/resnet18/base/s{seed}/adamw/sgd"
OF_RUNS = {f"runs-{ROW}", f"recipe-{ROW}"}


@pytest.fixture
def params(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Params:
    monkeypatch.chdir(tmp_path)
    params = samples.grid(tmp_path)
    samples.make(params, "small", Path("results"))
    return params


def page(params: Params) -> str:
    return render_html(gather(params, "small", samples.RUNS, samples.PROFILES))


def cells(text: str) -> dict[str, list[str]]:
    """Return what the buttons that open each piece of evidence say, in their order."""
    found: dict[str, list[str]] = {}
    for target, said in re.findall(r'<td[^>]*><button [^>]*get="([^"]+)">(.*?)</button>', text):
        found.setdefault(target, []).append(re.sub("<[^>]+>", "", said))
    return found


def evidence(text: str) -> dict[str, str]:
    parts = re.split(r'<div popover id="([^"]+)"', text)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def rows(text: str) -> list[str]:
    return re.findall(r"<tr>.*?</tr>", text, re.DOTALL)


def curves(text: str) -> dict[str, str]:
    found = re.findall(r"<figure><figcaption>(.*?)</figcaption>(.*?)</figure>", text, re.DOTALL)
    return {name: drawn for name, drawn in found if " \N{MIDDLE DOT} " in name}  # not of effects


def changed(before: dict[str, str], after: dict[str, str]) -> set[str]:
    assert before.keys() == after.keys()
    return {name for name in before if before[name] != after[name]}


def test_without_its_runs_a_row_says_so_and_no_other_cell_changes(params: Params) -> None:
    before = page(params)
    for seed in (0, 1):
        shutil.rmtree(samples.RUNS / END.format(seed=seed))
    after = page(params)
    was, now = cells(before), cells(after)
    assert {name for name in was if was[name] != now[name]} == OF_RUNS
    assert {said for name in OF_RUNS for said in now[name]} == {"not run"}
    assert changed(evidence(before), evidence(after)) == OF_RUNS
    assert changed(curves(before), curves(after)) == {"<b>ResNet-18</b> · dualopt · digits"}
    left, kept = (
        len(set(rows(one)) - set(rows(other))) for one, other in [(before, after), (after, before)]
    )
    assert (left, kept) == (3, 2)  # one model alone is not pooled


def test_without_one_seed_the_others_are_printed_and_the_row_says_which_is_lost(
    params: Params,
) -> None:
    before = page(params)
    shutil.rmtree(samples.RUNS / END.format(seed=1))
    after = page(params)
    was, now = cells(before), cells(after)
    assert {name for name in was if was[name] != now[name]} == OF_RUNS
    assert now[f"runs-{ROW}"][ACCURACY.index("n")] == "1"
    assert "1 of 2 not run (seed 1)" in after
    assert changed(evidence(before), evidence(after)) == OF_RUNS


def test_without_the_beginning_of_a_chain_its_end_keeps_its_number(params: Params) -> None:
    before = page(params)
    for seed in (0, 1):
        shutil.rmtree(samples.RUNS / f"digits/resnet18/base/s{seed}/adamw", ignore_errors=False)
        samples.save_run(samples.RUNS, params.runs("small")[END.format(seed=seed)])
    was, now = cells(before), cells(page(params))
    alone = "digits-resnet18-base-adamw"
    assert {name for name in was if was[name] != now[name]} == {
        f"runs-{alone}",
        f"recipe-{ROW}",  # is compared with that row
    }


def test_without_a_profile_its_costs_say_so_and_no_top1_changes(params: Params) -> None:
    before = page(params)
    shutil.rmtree(samples.PROFILES / "digits/resnet18")
    after = page(params)
    was, now = cells(before), cells(after)
    lost = {"cost-digits-resnet18-base"}
    assert {name for name in was if was[name] != now[name]} == lost
    assert {said for name in lost for said in now[name]} == {"not run"}
    assert changed(evidence(before), evidence(after)) == lost
