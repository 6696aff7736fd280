"""How much there is to train, and what sharing saves between chains and between studies."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cxv.config.grid import ALL, Params
from cxv.config.spec import Run
from cxv.config.study_names import refuse_unknown

HEADINGS = ("study", "runs", "epochs", "study by study", "chain by chain", "ratio")


@dataclass(frozen=True, slots=True)
class Plan:
    """What one study asks for, or several together; epochs as if no link stopped early."""

    name: str
    runs: int  # links of chains, each once
    epochs: int  # of these
    by_study: int  # epochs, were nothing shared between studies
    by_chain: int  # epochs, were each chain trained from its beginning too

    @property
    def ratio(self) -> float:
        """How many times as many epochs there would be if nothing were shared."""
        return self.by_chain / self.epochs


def plans(params: Params, studies: Sequence[str] = ()) -> list[Plan]:
    """Return a plan for each study, and one for them together.

    Args:
        params: the grid.
        studies: names, or ``all``; by default every study, and ``all`` in place of all together.

    Raises:
        UserError: there is no such study.
    """
    refuse_unknown(params, studies)
    every = (*params.studies, ALL)
    found = [_plan(params, study, params.chosen(study)) for study in studies or every]
    if len(studies) > 1:
        parts = {part: None for study in studies for part in params.chosen(study)}
        found.append(_plan(params, "together", parts))
    return found


def _plan(params: Params, name: str, studies: Iterable[str]) -> Plan:
    links = [params.runs(study) for study in studies]
    chains = [end for study in studies for end in params.final_runs(study).values()]
    shared = {id: run for runs in links for id, run in runs.items()}
    return Plan(
        name=name,
        runs=len(shared),
        epochs=_epochs(shared.values()),
        by_study=sum(_epochs(runs.values()) for runs in links),
        by_chain=sum(_epochs(end.chain) for end in chains),
    )


def _epochs(links: Iterable[Run]) -> int:
    return sum(link.phase.max_epochs for link in links)


def table(found: Iterable[Plan]) -> str:
    """Return a line for each plan, in aligned columns under a header."""
    rows = [
        (x.name, *(f"{n:,}" for n in (x.runs, x.epochs, x.by_study, x.by_chain)), f"{x.ratio:.2f}")
        for x in found
    ]
    widths = [max(map(len, column)) for column in zip(HEADINGS, *rows, strict=True)]
    lines = [
        f"{name:{widths[0]}}"
        + "".join(f"  {x:>{w}}" for x, w in zip(cells, widths[1:], strict=True))
        for name, *cells in (HEADINGS, *rows)
    ]
    return "\n".join(lines) + "\n"
