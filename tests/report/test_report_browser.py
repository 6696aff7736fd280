"""A report in a real browser: what its script does, what it asks the network for, what it logs."""

from contextlib import chdir
from html import escape
from pathlib import Path

import pytest
import samples
from browser import CHROMIUM, DONE, ran
from judged import PAPER

from cxv.paper.load_claims import Paper
from cxv.report.contents import ReportData
from cxv.report.rendering import render_html

pytestmark = pytest.mark.slow


def written(root: Path, paper: Paper | None) -> Path:
    """Write the report of the made-up study, a row of it not run."""
    if not CHROMIUM:
        pytest.skip("no Chromium is installed")
    with chdir(root):
        params = samples.grid(root)
        first, *others = params.final_runs("small").values()
        row = first.profile_id, first.links
        missing = [x.id for x in (first, *others) if (x.profile_id, x.links) == row]
        path = root / "report.html"
        table = samples.made(params, missing=missing)
        path.write_text(render_html(ReportData.of(table, paper=paper)))
    return path


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report without the paper: its first table is the study's."""
    return written(tmp_path_factory.mktemp("browser"), None)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report with all that there is to show."""
    return written(tmp_path_factory.mktemp("whole"), PAPER)


def test_a_heading_sorts_by_size_and_leads_back_to_the_order_of_the_study(page: Path) -> None:
    found = ran(
        page,
        """
        const head = [...table.tHead.rows[0].cells].find((x) => x.innerText.startsWith("Best"));
        const index = head.cellIndex, button = head.querySelector("button");
        const titles = () => [...table.querySelectorAll(".group")].filter((x) => x.offsetParent);
        found.first = column(index);
        found.titles = [titles().length];
        for (const turn of ["descending", "ascending", "none"]) {
          button.click();
          found[turn] = [head.getAttribute("aria-sort"), column(index)];
          found.titles.push(titles().length);
        }
        """,
    )
    numbers = [float(text) for text in found["first"] if text != "not run"]
    assert 1 < len(numbers) < len(found["first"])  # one is not run
    rest = ["not run"] * (len(found["first"]) - len(numbers))
    assert numbers != sorted(numbers, reverse=True)
    largest_first = [f"{number:.2f}" for number in sorted(numbers, reverse=True)]
    assert found["descending"] == ["descending", largest_first + rest]
    assert found["ascending"] == ["ascending", largest_first[::-1] + rest]
    assert found["none"] == [None, found["first"]]
    blocks = found["titles"][0]
    assert blocks > 1
    assert found["titles"] == [blocks, 0, 0, blocks], "no block has a title over rows of another"


def test_words_filter_rows(page: Path) -> None:
    found = ran(
        page,
        """
        const input = document.querySelector(".filter input");
        found.all = rows().length;
        for (const words of ["gelu dualopt", "no such thing", ""]) {
          input.value = words;
          input.dispatchEvent(new Event("input"));
          found[words] = [rows().length, document.querySelector(".filter output").innerText];
        }
        """,
    )
    assert found["gelu dualopt"] == [1, f"1 of {found['all']}"]
    assert found["no such thing"] == [0, f"0 of {found['all']}"]
    assert found[""] == [found["all"], ""]


WITHIN = """
<section><div class="scroll"><table><thead><tr><th scope="col">Claim</th></tr></thead><tbody>
<tr><td>b</td></tr><tr class="more"><td>of b<table><thead><tr><th>n</th></tr></thead><tbody>
<tr><td>2</td></tr><tr><td>1</td></tr><tr><td>3</td></tr></tbody></table></td></tr>
<tr><td>a</td></tr><tr class="more"><td>of a</td></tr>
</tbody></table></div></section>
"""


def test_a_row_is_sorted_and_filtered_with_the_row_that_tells_more_of_it(
    page: Path, tmp_path: Path
) -> None:
    nested = tmp_path / "nested.html"
    nested.write_text(page.read_text().replace("</main>", f"{WITHIN}</main>"))
    found = ran(
        nested,
        """
        const outer = document.querySelector("main tr.more").closest("table");
        const said = () => [...outer.querySelectorAll("td")].filter((x) => x.offsetParent).map(
          (x) => x.firstChild.textContent.trim());
        outer.scrollIntoView();
        const button = outer.querySelector(".sort");
        for (const turn of ["first", "ascending", "descending", "none"]) {
          found[turn] = said();
          button.click();
        }
        const input = outer.closest("section").querySelector(".filter input");
        input.value = "a";
        input.dispatchEvent(new Event("input"));
        found.filtered = said();
        """,
    )
    of_b = ["b", "of b", "2", "1", "3"]
    assert found["ascending"] == ["a", "of a", *of_b]
    assert found["first"] == found["descending"] == found["none"] == [*of_b, "a", "of a"]
    assert found["filtered"] == ["a", "of a"]


def test_a_number_opens_its_evidence(page: Path) -> None:
    found = ran(
        page,
        """
        const button = table.querySelector("tbody button[popovertarget]");
        button.click();
        const open = document.querySelector("[popover]:popover-open");
        found.id = [button.getAttribute("popovertarget"), open && open.id];
        found.says = open.innerText.includes("snakemake --cores 1");
        """,
    )
    assert found["id"][0] == found["id"][1]
    assert found["says"]


def test_a_printed_number_opens_its_evidence_and_the_runs_within_it(whole: Path) -> None:
    found = ran(
        whole,
        """
        const button = document.querySelector("[popovertarget=table4-cnv-posttrain]");
        button.click();
        found.id = document.querySelector("[popover]:popover-open").id;
        const runs = document.querySelector("#table4-cnv-posttrain p button");
        runs.click();
        found.runs = document.querySelector("[popover]:popover-open").id;
        """,
    )
    assert found == {"id": "table4-cnv-posttrain", "runs": "runs-cifar10-cnv-base-posttrain"}


def test_nothing_is_asked_of_the_network(whole: Path) -> None:
    found = ran(whole, 'found.asked = performance.getEntriesByType("resource").map((x) => x.name)')
    assert found["asked"] == []


def test_everything_that_can_be_used_has_a_name_and_every_table_says_what_it_is(
    whole: Path,
) -> None:
    found = ran(
        whole,
        """
        const named = (x) => (x.getAttribute("aria-label") || x.textContent).trim();
        const usable = [...document.querySelectorAll("main button, main a, nav a")];
        found.nameless = usable.filter((x) => !named(x)).map((x) => x.outerHTML);
        const inputs = [...document.querySelectorAll("input")];
        found.unlabelled = inputs.filter((x) => !x.labels.length).length;
        const tables = [...document.querySelectorAll("table")];
        found.uncaptioned = tables.filter((x) => !x.caption).length;
        found.unscoped = document.querySelectorAll("th:not([scope])").length;
        found.landmarks = ["main", "nav", "header"].filter((x) => document.querySelector(x)).length;
        found.language = document.documentElement.lang;
        """,
    )
    assert found == {
        "nameless": [],
        "unlabelled": 0,
        "uncaptioned": 0,
        "unscoped": 0,
        "landmarks": 3,
        "language": "en",
    }


PHONE = """
const inner = document.querySelector("iframe").contentDocument;
const page = inner.documentElement;
const view = inner.defaultView, room = page.clientWidth;  // without the scrollbar at its side
found.viewport = [view.innerWidth, view.matchMedia("(max-width: 375px)").matches];
found.sideways = page.scrollWidth > room;
const right = (x) => x.getBoundingClientRect().right;
const scrolls = (x) => x.closest(".scroll, pre, [popover], svg");
const wide = [...inner.body.querySelectorAll("*")].filter((x) => right(x) > room && !scrolls(x));
found.wide = wide.map((x) => x.tagName + " " + x.className);
found.tables = [...inner.querySelectorAll(".scroll")].filter((x) => x.scrollWidth > room).length;
"""


@pytest.mark.parametrize("wider", ["", '<p style="width: 500px">too wide</p>'])
def test_a_phone_shows_no_sideways_scrollbar_of_the_page(
    whole: Path, tmp_path: Path, wider: str
) -> None:
    """A frame of 375 pixels is the viewport of the page in it: its media queries and all."""
    inner = escape(whole.read_text().replace("</main>", f"{wider}</main>"))
    frame = f'<iframe width="375" height="812" style="border: 0" srcdoc="{inner}"></iframe>'
    outer = tmp_path / "phone.html"
    outer.write_text(f"<!doctype html><title></title><body>{frame}</body>")
    script = f"addEventListener('load', () => {{ {PHONE} {DONE} }})"
    found = ran(outer, script, finish="")
    assert found["viewport"] == [375, True]
    assert found["tables"] > 0  # there is something that would not fit
    assert (found["sideways"], bool(found["wide"])) == (bool(wider), bool(wider))
