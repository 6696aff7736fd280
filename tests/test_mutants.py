"""Mutation testing reaches all of the package, and its table says what became of each mutant."""

import ast
import json
import subprocess
from fnmatch import fnmatch
from pathlib import Path

import pytest
import yaml
from mutmut import configuration
from mutmut.mutation.file_mutation import mutate_file_contents
from shared_fixtures import ROOT

from benchmarks.mutants import __main__ as program
from benchmarks.mutants.groups import GROUPS
from benchmarks.mutants.plugin import STATISTICS
from benchmarks.mutants.source import prepare
from benchmarks.mutants.survivors import Counts, counts, forget_survivors, survivors
from benchmarks.mutants.table import keep, row

CODE = '''
from functools import cache
class Square:
    """A square."""
    def __init__(self, side):
        self.side = side
    @property
    def area(self):
        return self.side ** 2
@cache
def _halved(x):
    if x < 0:
        raise ValueError("below zero")
    return x / 2
def named(x):
    return {"name": "a long story", "short": x}
'''
MODULES = [path.relative_to(ROOT) for path in sorted((ROOT / "cxv").rglob("*.py"))]


def test_every_module_is_in_a_group() -> None:
    empty = {path for path in MODULES if not _statements(path)}
    missed = {path for path in MODULES if not any(g.mutates(path) for g in GROUPS.values())}
    assert missed <= empty


def _statements(path: Path) -> list[ast.stmt]:
    body = ast.parse((ROOT / path).read_text()).body
    return [x for x in body if not isinstance(x, ast.Expr)]


@pytest.mark.parametrize("name", GROUPS)
def test_every_name_of_a_group_stands_for_something(name: str) -> None:
    code, tests = GROUPS[name].code, GROUPS[name].tests
    assert not [x for x in code if not any(fnmatch(str(m), f"cxv/{x}.py") for m in MODULES)]
    assert not [x for x in tests if not list((ROOT / "tests").rglob(f"test_{x}*.py"))]


def test_prepared_code_does_the_same() -> None:
    before, after = {}, {}
    exec(CODE, before)  # noqa: S102 - the text above
    exec(prepare(CODE), after)  # noqa: S102
    for names in (before, after):
        assert names["Square"](3).area == 9
        assert names["_halved"](5) == 2.5
        assert names["_halved"].cache_info().misses == 1
        assert names["named"](1) == {"name": "a long story", "short": 1}
        with pytest.raises(ValueError, match=r"^below zero$"):
            names["_halved"](-1)


@pytest.mark.parametrize(
    "name", ["training/evaluation", "records/run", "records/code_hash", "data/readers"]
)
def test_preparing_changes_no_constant(name: str) -> None:
    text = (ROOT / f"cxv/{name}.py").read_text()
    assert _constants(prepare(text)) == _constants(text)


def _constants(text: str) -> list[str]:
    return sorted(repr(x.value) for x in ast.walk(ast.parse(text)) if isinstance(x, ast.Constant))


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What mutmut leaves of the code above: two of ``area`` and one of ``_halved`` survive."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "setup.cfg").write_text("[mutmut]\nsource_paths = shapes.py\n")
    configuration.reset_config()
    mutated = mutate_file_contents("shapes.py", prepare(CODE))
    configuration.reset_config()
    codes: dict[str, int | None] = {f"shapes.{name}": 1 for name in mutated.mutant_names}
    area = [name for name in codes if "area" in name]
    halved = [name for name in codes if "halved" in name]
    codes |= dict(zip(area, (0, 33), strict=False)) | {halved[-1]: 0, list(codes)[-1]: None}
    spans = {name: [x.start, x.end] for name, x in mutated.line_span_by_function_name.items()}
    path = tmp_path / "mutants/shapes.py"
    path.parent.mkdir()
    path.write_text(mutated.code)
    path.with_suffix(".py.meta").write_text(json.dumps({"exit_code_by_key": codes}))
    path.with_suffix(".py.spans").write_text(json.dumps({"spans": spans}))
    return tmp_path


SURVIVED = "- return self.side ** 2\n+ return self.side * 2"


def test_decorated_functions_are_mutated_and_wording_is_not(copy: Path) -> None:
    mutated = (copy / "mutants/shapes.py").read_text()
    assert "self.side ** 3" in mutated
    assert "x / 3" in mutated
    assert "XXnameXX" in mutated
    for wording in ("XXbelow", "XXa long", "BELOW", "A LONG"):
        assert wording not in mutated


def test_each_mutant_is_counted_once_and_those_left_are_shown(copy: Path) -> None:
    found = counts(copy, {})
    assert (found.left, found.equivalent, found.untried) == (3, 0, 1)
    assert found.made == found.killed + 4
    assert found.share == found.killed / (found.killed + 3)
    shown = survivors(copy, {})
    assert len(shown) == 3
    assert SURVIVED in shown[0]
    assert "no test reaches it" in shown[1]


def test_a_settled_mutant_is_known_by_its_function_and_its_fault(copy: Path) -> None:
    why = "a side of 2"
    settled = {"shapes.Square.area": [{"mutant": SURVIVED, "why": why}]}
    assert (counts(copy, settled).left, counts(copy, settled).equivalent) == (2, 1)
    assert len(survivors(copy, settled)) == 2
    settled["shapes._halved"] = [{"mutant": "- return x / 2\n+ return x / 3", "why": why}]
    assert counts(copy, settled).left == 1
    elsewhere = {"shapes._halved": [{"mutant": SURVIVED, "why": why}]}
    assert counts(copy, elsewhere).left == 3


def test_what_no_test_killed_is_tried_again(copy: Path) -> None:
    killed = counts(copy, {}).killed
    forget_survivors(copy)
    found = counts(copy, {})
    assert (found.killed, found.left, found.untried) == (killed, 0, 4)


def test_what_survived_outside_the_names_asked_for_still_counts(copy: Path) -> None:
    before = counts(copy, {})
    forget_survivors(copy, ["*area*"])
    found = counts(copy, {})
    assert (found.killed, found.left, found.untried) == (before.killed, 1, 3)


def test_the_table_keeps_the_rows_of_groups_that_were_not_tried(tmp_path: Path) -> None:
    page = tmp_path / "mutants.md"
    found = Counts(made=8, killed=3, equivalent=1, left=1, untried=3)
    keep(page, {"data": row("data", found, 0.95), "old": "| old |"}, ["resume", "data"])
    keep(page, {"resume": row("resume", found, 0.9)}, ["resume", "data"])
    rows = [line for line in page.read_text().splitlines() if line.startswith(("| data", "| res"))]
    assert rows[0].startswith("| resume | 8 | 3 | 1 | 1 | 3 | 75.0% | 90% | 20")
    assert rows[1].startswith("| data | 8 | 3 | 1 | 1 | 3 | 75.0% | 95% | 20")
    assert "old" not in page.read_text()


def test_a_group_of_which_nothing_could_be_tried_leaves_its_row_and_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, left = tmp_path / "mutants.md", tmp_path / "copies/data/mutants/x.py.meta"
    found = Counts(made=8, killed=3, equivalent=1, left=1, untried=3)
    keep(page, {"data": row("data", found, 0.95)}, ["data"])
    before = page.read_text()
    left.parent.mkdir(parents=True)
    left.write_text(json.dumps({"exit_code_by_key": {"x.f__mutmut_1": None}}))
    left.with_suffix("").touch()
    left.with_suffix(".spans").write_text('{"spans": {}}')
    monkeypatch.setattr(program, "COPIES", tmp_path / "copies")
    monkeypatch.setattr(program, "TABLE", page)
    monkeypatch.setattr("sys.argv", ["mutants", "data", "--no-run"])
    with pytest.raises(SystemExit, match="data: mutmut tried no mutant"):
        program.main()
    assert page.read_text() == before


def test_after_an_edit_it_is_found_out_again_which_tests_reach_what(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout, there = tmp_path / "checkout", tmp_path / "copy"
    for name in ("cxv/data/x.py", "tests/data/test_data.py", "README.md"):
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        (checkout / name).write_text("x = 1\n")
    subprocess.run(["git", "init", "-q", checkout], check=True)
    monkeypatch.setattr(program, "ROOT", checkout)
    kept = there / "mutants" / STATISTICS
    program.bring_up_to_date(there, GROUPS["data"])
    for name, forgotten in (("README.md", False), ("cxv/data/x.py", True), ("tests/a.py", True)):
        kept.parent.mkdir(exist_ok=True)
        kept.write_text("{}")
        program.bring_up_to_date(there, GROUPS["data"])
        assert kept.exists(), "nothing was edited"
        (checkout / name).write_text("x = 2\n")
        program.bring_up_to_date(there, GROUPS["data"])
        assert kept.exists() is not forgotten
        assert (there / name).read_text() == "x = 2\n"


EQUIVALENT = yaml.safe_load(program.SETTLED.read_text())


@pytest.mark.parametrize("function", EQUIVALENT)
def test_an_equivalent_fault_is_one_of_lines_that_are_still_there(function: str) -> None:
    """After a move or an edit its mutant would count as one that no test kills."""
    lines = _lines_of(function)
    for entry in EQUIVALENT[function]:
        removed = [x[2:] for x in entry["mutant"].splitlines() if x.startswith("- ")]
        assert removed
        assert not [x for x in removed if x not in lines]


def _lines_of(function: str) -> list[str]:
    """Return the lines, without indentation, of a function named by module, class and name."""
    names = function.split(".")
    module, *within = (n for n in range(1, len(names)) if (ROOT / _file(names[:n])).is_file())
    assert not within
    text = prepare((ROOT / _file(names[:module])).read_text())
    scope: ast.AST = ast.parse(text)
    for name in names[module:]:
        [scope] = [x for x in ast.iter_child_nodes(scope) if getattr(x, "name", None) == name]
    assert isinstance(scope, ast.FunctionDef)
    return [x.strip() for x in text.splitlines()[scope.lineno - 1 : scope.end_lineno]]


def _file(names: list[str]) -> str:
    return "/".join(names) + ".py"


@pytest.mark.parametrize(("slow", "which"), [(False, "not slow and not gpu"), (True, "not gpu")])
def test_slow_tests_are_run_where_a_group_asks_for_them(slow: bool, which: str) -> None:
    """All tests of MLflow are slow: without them no fault there could be tried."""
    options = program.settings(set(), set(), slow=slow).splitlines()
    assert options[options.index("    -m") + 1].strip() == which
