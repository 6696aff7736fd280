"""What is wrong with ``paper.yaml``: names that stand for nothing, columns of the wrong kind."""

from collections.abc import Iterable, Iterator, Mapping

from cxv.config.faults import Fault, Key, unknown
from cxv.config.sources import IMAGES
from cxv.config.vocabulary import Means
from cxv.paper.paper_spec import Architecture, Macs, Metric, PaperFile, Parameters, Top1
from cxv.paper.printed_tables import Cell


def faults_of_file(file: PaperFile, means: Means) -> Iterator[Fault]:
    """Yield the faults that show before a table is read."""
    yield from _unnamed(file)
    yield from _unsearchable(file)
    yield from _meaningless(file, means)


def faults_of_cells(file: PaperFile, cells: Iterable[Cell], means: Means) -> Iterator[Fault]:
    """Yield the faults that the rows of the tables show."""
    cells = tuple(cells)
    yield from _strange_rows(file, cells, means)
    yield from _sizeless(file, cells, means)


def _unnamed(file: PaperFile) -> Iterator[Fault]:
    """Yield the metrics, tables and columns that are named and not there."""
    for name, table in file.tables.items():
        for column, settings in table.columns.items():
            key = ("tables", name, "columns", column)
            if settings.metric:
                yield from unknown((*key, "metric"), "metric", [settings.metric], file.metrics)
            yield from unknown((*key, "percent"), "column", settings.percent or (), table.columns)
    for number, figure in enumerate(file.figures):
        if not isinstance(figure, Architecture):
            columns = [getattr(figure, axis) for axis in ("x", "y") if hasattr(figure, axis)]
            yield from _columns(file, ("figures", number), figure.table, columns)
            yield from _of_kind(file, ("figures", number), figure.table, columns)


def _unsearchable(file: PaperFile) -> Iterator[Fault]:
    """Yield what a search cannot compare: it reads parameters in M and MACs in G."""
    if file.search is None:
        return
    wanted = [file.search.params, file.search.macs]
    yield from _columns(file, ("search",), file.search.table, wanted)
    for kind, scale, column in zip(("params", "macs"), ("M", "G"), wanted, strict=True):
        metric = _metric(file, file.search.table, column)
        if metric and (metric.kind, metric.unit) != (kind, scale):
            yield ("search", kind), f"needs a column of {kind} in {scale}, not {column}"


def _columns(file: PaperFile, key: Key, table: str, columns: Iterable[str]) -> Iterator[Fault]:
    yield from unknown((*key, "table"), "table", [table], file.tables)
    if table in file.tables:
        yield from unknown(key, "column", columns, file.tables[table].columns)


def _metric(file: PaperFile, table: str, column: str) -> Metric | None:
    settings = file.tables[table].columns.get(column) if table in file.tables else None
    return file.metrics.get(settings.metric or "") if settings else None


def _of_kind(file: PaperFile, key: Key, table: str, columns: Iterable[str]) -> Iterator[Fault]:
    """Yield an ``x`` that is no cost, and a ``y`` that is no top-1."""
    for axis, column in zip(("x", "y"), columns, strict=False):
        metric = _metric(file, table, column)
        known = table in file.tables and column in file.tables[table].columns
        if known and (metric is None or isinstance(metric, Top1) != (axis == "y")):
            wanted = "top-1" if axis == "y" else "costs"
            yield (*key, axis), f"needs a column of {wanted}, not {column}"


def _sizeless(file: PaperFile, cells: Iterable[Cell], means: Means) -> Iterator[Fault]:
    """Yield counts of networks for images whose size is not known before they are there."""
    sources = {name: dataset.source for name, dataset in means.datasets.items()}
    wanted = {cell.of.dataset for cell in cells if isinstance(cell.metric, Parameters | Macs)}
    if any(isinstance(figure, Architecture) for figure in file.figures):
        wanted.add(file.about.dataset)
    for name in sorted(wanted):
        if sources[name] not in IMAGES:
            known = ", ".join(IMAGES)
            yield ("tables",), f"costs on {name}: its source has no fixed size (known: {known})"


def _meaningless(file: PaperFile, means: Means) -> Iterator[Fault]:
    """Yield the names of runs and networks that ``means.yaml`` lacks."""
    names = {*means.datasets, *means.models, *means.variants, *means.recipes}
    yield from _unmeant(("about",), file.about.model_dump(), means)
    for name, table in file.tables.items():
        yield from _unmeant(("tables", name, "of"), table.of.said, means)
        for column, settings in table.columns.items():
            key = ("tables", name, "columns", column)
            yield from _unmeant((*key, "of"), settings.of.said, means)
            yield from unknown((*key, "but"), "name", settings.but, names)
            for row, but in settings.but.items():
                yield from _unmeant((*key, "but", row), but.said, means)
    for name, block in file.blocks.items():
        yield from unknown(("blocks", name, "models"), "model", block.models, means.models)
    for number, figure in enumerate(file.figures):
        if isinstance(figure, Architecture):
            yield from unknown(("figures", number, "models"), "model", figure.models, means.models)


def _unmeant(key: Key, said: Mapping[str, str], means: Means) -> Iterator[Fault]:
    for axis, name in said.items():
        yield from unknown((*key, axis), axis, [name], getattr(means, f"{axis}s"))


def _strange_rows(file: PaperFile, cells: Iterable[Cell], means: Means) -> Iterator[Fault]:
    """Yield the tables whose rows name what ``means.yaml`` lacks, or stand in no block."""
    in_block = {model for block in file.blocks.values() for model in block.models}
    for table, settings in file.tables.items():
        rows = [cell.row for cell in cells if cell.table == table]
        for axis in settings.axes:
            names = {row[axis] for row in rows}
            yield from unknown(("tables", table, "axes"), axis, names, getattr(means, f"{axis}s"))
        if settings.by_block:
            models = {cell.of.model for cell in cells if cell.table == table}
            yield from unknown(("tables", table, "by_block"), "block of model", models, in_block)
