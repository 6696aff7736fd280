"""A paper as its folder describes it: printed numbers, what its names mean, what is open."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cxv.config.faults import unknown
from cxv.config.grid import Params
from cxv.config.load import MEANS, load_means
from cxv.config.sources import IMAGES, Images
from cxv.config.spec import ConfigSearch, Counts, ModelSummary, Network, PrintedMemory, Space
from cxv.config.vocabulary import Means
from cxv.networks.registry import ABLATIONS
from cxv.paper.description_faults import faults_of_cells, faults_of_file
from cxv.paper.paper_seal import refuse_altered
from cxv.paper.paper_spec import (
    Architecture,
    Macs,
    PaperFile,
    Parameters,
    PeakMemory,
    SearchFile,
)
from cxv.paper.printed_tables import Cell, load_cells
from cxv.paper.strict_file import load_file, refuse


@dataclass(frozen=True, slots=True)
class Description:
    """All of a paper but its claims."""

    file: PaperFile
    means: Means
    cells: tuple[Cell, ...]
    spaces: Mapping[str, Space]  # of what is open about a model

    def is_touched_by(self, params: Params, study: str) -> bool:
        """Tell whether a study has a network of the paper on its data, or asks for its numbers."""
        networks = params.profiles(study).values()
        return bool(params.from_paper(study)) or any(map(self.means.has_network, networks))

    def models_trained_by(self, params: Params, study: str) -> set[str]:
        """Return the models of the paper that a study trains as they are, on its data."""
        profiles = params.profiles(study)
        networks = (profiles[run.profile_id] for run in params.final_runs(study).values())
        return {
            one.model.name
            for one in networks
            if self.means.has_network(one) and not one.variant.is_edited
        }

    def counts(self) -> Counts | None:
        """Return the networks whose costs are printed; None if no such number is."""
        costs = [c for c in self.cells if isinstance(c.metric, Parameters | Macs | PeakMemory)]
        found = {cell.of.network: self._network(*cell.of[:3]) for cell in costs}
        memory = {
            cell.of.network: PrintedMemory(memory=cell.metric.mode, batch=cell.metric.batch)
            for cell in costs
            if isinstance(cell.metric, PeakMemory)
        }
        return Counts(networks=found, memory=memory) if found else None

    def searches(self) -> dict[str, ConfigSearch]:
        """Return the search for what is open about each model, by its name."""
        search = self.file.search
        if search is None:
            return {}
        rows: dict[str, dict[str, Cell]] = {}
        for cell in self.cells:
            if cell.table == search.table:
                rows.setdefault(cell.of.model, {}).setdefault(cell.column, cell)
        return {
            model: ConfigSearch(
                model=self.means.models[model],
                params_m=columns[search.params].digits,
                macs_g=columns[search.macs].digits,
                image_size=images.side,
                classes=images.classes,
                space=self.spaces[model],
            )
            for model, columns in rows.items()
            if model in self.spaces
            for images in [self._images(columns[search.params].of.dataset)]
        }

    def drawn(self) -> dict[str, ModelSummary]:
        """Return the networks whose architecture is drawn, by the name of their model."""
        about = self.file.about
        names = (
            name
            for figure in self.file.figures
            if isinstance(figure, Architecture)
            for name in figure.models
        )
        found = {name: self._network(about.dataset, name, about.variant) for name in names}
        return {name: ModelSummary(**network.__dict__) for name, network in found.items()}

    def row_titles(self) -> Mapping[str, str]:
        """Return the names under which the models of the search are printed."""
        search = self.file.search
        table = search.table if search else ""
        return {cell.of.model: cell.title for cell in self.cells if cell.table == table}

    def _network(self, dataset: str, model: str, variant: str) -> Network:
        images = self._images(dataset)
        return Network(
            model=self.means.models[model],
            variant=self.means.variants[variant],
            image_size=images.side,
            classes=images.classes,
        )

    def _images(self, dataset: str) -> Images:
        return IMAGES[self.means.datasets[dataset].source]


def load_description(folder: Path) -> Description:
    """Return what a paper's folder says, its claims left out.

    Raises:
        UserError: a line for each fault: file, line, key, what is wrong, what is allowed.
    """
    refuse_altered(folder)
    path = folder / "paper.yaml"
    file, lines = load_file(path, PaperFile)
    means = load_means(folder / MEANS)
    refuse(path, lines, faults_of_file(file, means))
    cells = load_cells(folder, file)
    refuse(path, lines, faults_of_cells(file, cells, means))
    return Description(file, means, cells, _spaces(folder, means) if file.search else {})


def _spaces(folder: Path, means: Means) -> Mapping[str, Space]:
    path = folder / "search.yaml"
    found, lines = load_file(path, SearchFile)
    wrong = list(unknown(("spaces",), "model", found.spaces, means.models))
    for name, space in found.spaces.items():
        edits = {edit for edits in space.edits for edit in edits}
        wrong += unknown(("spaces", name, "edits"), "edit", edits, ABLATIONS)
    refuse(path, lines, wrong)
    return found.spaces
