"""The command line: the verbs of rules, and a few for people.

Verbs import what they need when they run, so that ``--help`` and ``check`` wait for nothing.
"""

import atexit
import gc
import logging
import os
import sys
from collections.abc import Callable, Mapping, Sequence

from pydantic import ValidationError

from cxv.cli import evidence_verbs, trained_verbs, verbs
from cxv.cli.parser import parser
from cxv.config.faults import in_words
from cxv.errors import Stopped, UserError, printable
from cxv.jobs import fetch, report, table, track
from cxv.jobs.plan import KINDS
from cxv.records.job_log import DISK

INTERRUPTED = 130
"""Exit code of a program that Ctrl-C ended, as shells have it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; return the exit code."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    options = vars(parser(VERBS).parse_args(arguments))
    try:
        options.pop("verb")(**options)
        sys.stdout.flush()
    except UserError as error:
        logging.getLogger("cxv").error("%s%s", UserError.SAYS, error)
        return 1
    except ValidationError as error:
        if "spec" not in options:
            raise
        said = _no_specification(error, options["spec"])
        logging.getLogger("cxv").error("%s%s", UserError.SAYS, said)
        return 1
    except Stopped as stop:
        logging.getLogger("cxv").warning("%s", stop)
        return Stopped.EXIT_CODE
    except KeyboardInterrupt:
        logging.getLogger("cxv").warning("interrupted; type the same command again to go on")
        return INTERRUPTED
    except BrokenPipeError:  # `| head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:  # a disk that is full or gone, a file of someone else
        # Without the prefix of a UserError: trying the same again may help.
        said = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        logging.getLogger("cxv").error("%s%s", DISK, printable(said))
        return 1
    return 0


def _no_specification(error: ValidationError, text: str) -> str:
    """Return what is wrong with the JSON that a job was given."""
    said = in_words(error, text)
    return f"no specification of {error.title} ({said}): copy it from Snakemake's log"


VERBS: Mapping[str, Sequence[Callable[..., object]]] = {
    "before a study": (verbs.new_study, verbs.check, verbs.plan),
    "what was found": (verbs.status, verbs.show, verbs.open, verbs.claims, verbs.diff),
    "a trained network": (
        trained_verbs.predict,
        trained_verbs.export_network,
        trained_verbs.card,
    ),
    "whether it holds": (
        evidence_verbs.verify,
        evidence_verbs.trace,
        evidence_verbs.stale,
        evidence_verbs.accept,
        evidence_verbs.seal,
    ),
    "to hand on": (evidence_verbs.export, evidence_verbs.latex_macros, evidence_verbs.audit),
    "this machine": (verbs.store,),
    "jobs, which Snakemake starts": (
        fetch.fetch,
        *(getattr(module, kind) for kind, module in KINDS.items()),
        table.table,
        report.report,
        track.track,
    ),
}
"""By what one wants to know, as ``--help`` lists them."""


if __name__ == "__main__":
    atexit.register(gc.freeze)  # else Python looks for garbage among all that torch has made
    sys.exit(main())
