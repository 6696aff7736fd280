"""What ``paper.yaml`` holds: what a paper's numbers are about, and its figures."""

from typing import Annotated, Literal

from pydantic import Field, NonNegativeInt, PositiveInt, model_validator

from cxv.config.spec import Space
from cxv.config.strict_model import Name, StrictModel
from cxv.networks import Memory
from cxv.paper.printed_check_spec import Decision
from cxv.records.config_search import ParamsRule
from cxv.records.costs import Convention

Axis = Literal["dataset", "model", "variant", "recipe"]
Scale = Literal["k", "M", "G"]
SCALES = {"k": 1e3, "M": 1e6, "G": 1e9}


class About(StrictModel):
    """Names of ``means.yaml`` that say which runs are meant; None: what was said before holds."""

    dataset: Name | None = None
    model: Name | None = None
    variant: Name | None = None
    recipe: Name | None = None

    @property
    def said(self) -> dict[str, str]:
        """The names that are given, by axis."""
        return self.model_dump(exclude_none=True)


class Defaults(StrictModel):
    """What a number is about if nothing else is said; so are claims, datasets left out."""

    dataset: Name
    variant: Name = "base"
    recipe: Name


class _Metric(StrictModel):
    digits: NonNegativeInt  # behind the point, of ours


class Top1(_Metric):
    """Test top-1 in percent: the best of the first seeds."""

    kind: Literal["top1"]
    best_of: PositiveInt  # seeds

    @property
    def unit(self) -> str:
        """As it is printed."""
        return "top-1, %"


class Parameters(_Metric):
    """Parameters of a network."""

    kind: Literal["params"]
    count: ParamsRule
    unit: Scale

    @property
    def field(self) -> str:
        """The count among those of a record."""
        return "params" if self.count == "all" else f"params_{self.count}"


class Macs(_Metric):
    """Multiply-accumulates of a forward pass of one image."""

    kind: Literal["macs"]
    count: Convention
    unit: Scale

    @property
    def field(self) -> str:
        """The count among those of a record."""
        return f"macs_{self.count}"


class PeakMemory(_Metric):
    """GPU memory of a training step in float32 with AdamW, 10⁹ bytes."""

    kind: Literal["memory"]
    mode: Memory
    batch: PositiveInt  # images
    context: bool = False  # whether that of CUDA is counted in
    judged_on: tuple[str, ...]  # GPUs, by a word of their names; elsewhere it is shown, not judged

    @property
    def unit(self) -> str:
        """As it is printed."""
        return "GB"


Metric = Annotated[Top1 | Parameters | Macs | PeakMemory, Field(discriminator="kind")]


class Column(StrictModel):
    """A column of a table: a metric of some runs, or computed of two other columns."""

    metric: Name | None = None  # a key of ``metrics``
    of: About = About()
    but: dict[Name, About] = Field(default_factory=dict)  # by any name that is said
    percent: tuple[Name, Name] | None = None  # 100 (one - other) / other, in place of a metric
    unit: str = ""  # of ``percent``
    digits: NonNegativeInt = 2  # of ``percent``

    @model_validator(mode="after")
    def _is_one_of_both(self) -> "Column":
        if (self.metric is None) == (self.percent is None):
            raise ValueError("needs one of metric, percent")
        return self


class Table(StrictModel):
    """``<name>.csv``: the axes, ``title`` as printed, then the digits of each column."""

    title: str
    axes: Annotated[tuple[Axis, ...], Field(min_length=1)]
    heading: str = "Model"  # of the rows
    by_block: bool = False  # whether rows stand in the blocks of ``blocks``
    of: About = About()
    columns: Annotated[dict[Name, Column], Field(min_length=1)]


class Block(StrictModel):
    """Models that belong together."""

    title: str  # above their rows
    legend: str  # in figures
    models: Annotated[tuple[Name, ...], Field(min_length=1)]


class AccuracyAgainstCost(StrictModel):
    """A point a row: what it costs, and how good it is."""

    kind: Literal["accuracy_against_cost"]
    name: Name  # of the file
    title: str
    table: Name
    x: Name  # a column of costs
    y: Name  # a column of top-1


class PrintedAgainstOurs(StrictModel):
    """A panel a column of top-1, a point a row: as printed, and ours."""

    kind: Literal["printed_against_ours"]
    name: Name  # of the file
    title: str
    table: Name


class Architecture(StrictModel):
    """Networks, drawn from their modules."""

    kind: Literal["architecture"]
    models: Annotated[tuple[Name, ...], Field(min_length=1)]


Figure = Annotated[
    AccuracyAgainstCost | PrintedAgainstOurs | Architecture, Field(discriminator="kind")
]


class Search(StrictModel):
    """The columns that settings which the paper leaves open have to explain."""

    table: Name
    params: Name
    macs: Name


class PaperFile(StrictModel):
    """``paper.yaml``."""

    title: str
    about: Defaults
    titles: dict[Name, str] = Field(default_factory=dict)
    metrics: Annotated[dict[Name, Metric], Field(min_length=1)]
    blocks: dict[Name, Block] = Field(default_factory=dict)
    tables: Annotated[dict[Name, Table], Field(min_length=1)]
    figures: tuple[Figure, ...] = ()
    fitted: dict[str, Decision] = Field(default_factory=dict)  # cells, as a check points at them
    search: Search | None = None

    def named(self, name: str) -> str:
        """Return how a name is printed."""
        return self.titles.get(name, name)


class SearchFile(StrictModel):
    """``search.yaml``."""

    spaces: dict[Name, Space]  # by model
