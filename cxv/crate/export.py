"""A study as a folder or a zip file that is uploaded with a paper."""

import shutil
import time
import zipfile
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from cxv.config.grid import Params
from cxv.crate.actions import Action, actions, images, of_study
from cxv.crate.files import (
    CrateFile,
    code_files,
    manifests,
    record_files,
    report_files,
    settings_files,
)
from cxv.crate.metadata import About, write_metadata
from cxv.crate.verify_crate import METADATA, SUMS
from cxv.crate.verify_crate import main as verify
from cxv.errors import UserError
from cxv.jobs.plan import collect
from cxv.jobs.report import planned
from cxv.records.atomic_files import replacing
from cxv.verification.seals import check_seals

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The date of all files in a zip, so that equal files give an equal zip."""


def export(
    params: Params, settings: Path, out: Path, *, results: Path, data: Path, weights: bool
) -> Iterator[str]:
    """Write the crate of ``params.study``, and have its own program check it; yield what it says.

    Args:
        params: the grid, cut to the study.
        settings: the file that it was read from.
        out: the folder to write, or the zip file if it is called so.
        results: the folder of all records.
        data: the folder of the datasets.
        weights: whether the checkpoints are taken along.

    Raises:
        UserError: something is altered, there is no report, or ``out`` is there and not a crate.
    """
    sealed = check_seals(planned(params), results / "studies" / params.study,
                         results=results, data=data)  # fmt: skip
    if sealed.faults:
        raise UserError(f"{params.study}: not exported: {'; '.join(sealed.faults)}")
    with TemporaryDirectory() as temporary:
        folder = Path(temporary) / params.study
        _write(params, settings, folder, results=results, data=data, weights=weights)
        said: list[str] = []
        if verify(folder, said.append):
            raise UserError(f"{params.study}: not exported: {''.join(said)}make its report again")
        _publish(folder, out)
    yield from said
    yield f"{out}: {sealed.says}\n"


def _write(
    params: Params, settings: Path, folder: Path, *, results: Path, data: Path, weights: bool
) -> None:
    jobs = planned(params)
    by_record = {
        job.path.as_posix(): list(record_files(job, results, weights=weights))
        for kind in jobs.values()
        for job in kind.values()
    }
    of_datasets = manifests(jobs, data)
    origins = [file for file in of_datasets.values() if Path(file.source).exists()]
    report = list(report_files(results, params.study))
    records = [file for files in by_record.values() for file in files]
    other = [*code_files(), *settings_files(settings, params, weights=weights)]
    files = {file.name: file for file in [*other, *origins, *records, *report]}
    sums = {name: _copied(file, folder) for name, file in sorted(files.items())}
    named = {path: [file.name for file in found] for path, found in by_record.items()}
    named |= {name: [file.name] for name, file in of_datasets.items() if file in origins}
    made = list(actions(jobs, collect(jobs, results, params.stale), named, results))
    proofs = [file.name for file in records if file.name.endswith(".json")]
    made += of_study(params.study, proofs, [file.name for file in report])
    about = About(
        study=params.study,
        title=params.studies[params.study].title,
        actions=made,
        sums=sums,
        images=images({name: Path(file.source) for name, file in of_datasets.items()}),
        published=_day(made),
    )
    write_metadata(about, folder)
    _write_sums(folder, {name: found for name, (found, _) in sums.items()})


def _copied(file: CrateFile, folder: Path) -> tuple[str, int]:
    """Write a file; return its SHA-256 and its bytes."""
    path = folder / file.name
    path.parent.mkdir(parents=True, exist_ok=True)
    content = file.content()
    path.write_bytes(content)
    return sha256(content).hexdigest(), len(content)


def _write_sums(folder: Path, sums: dict[str, str]) -> None:
    """Write the checksums as ``sha256sum --check`` reads them."""
    sums[METADATA] = sha256((folder / METADATA).read_bytes()).hexdigest()
    lines = [f"{found}  {name}\n" for name, found in sorted(sums.items())]
    (folder / SUMS).write_text("".join(lines), "utf-8")


def _day(made: Sequence[Action]) -> str:
    """Return the day of the last training; without one, today."""
    return max((one.end[:10] for one in made if one.end), default=time.strftime("%Y-%m-%d"))


def _publish(folder: Path, out: Path) -> None:
    """Put the crate where it is wanted, in place of an older one."""
    if out.suffix == ".zip":
        with replacing(out) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
            for path in sorted(folder.rglob("*")):
                if path.is_file():
                    name = f"{folder.name}/{path.relative_to(folder).as_posix()}"
                    entry = zipfile.ZipInfo(name, EPOCH)
                    entry.compress_type = zipfile.ZIP_DEFLATED
                    packed.writestr(entry, path.read_bytes())
        return
    if out.exists() and any(out.iterdir()) and not (out / METADATA).exists():
        raise UserError(f"{out}: is there and no crate; name another folder by --out")
    shutil.rmtree(out, ignore_errors=True)
    out.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(folder, out)
