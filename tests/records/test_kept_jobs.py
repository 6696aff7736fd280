"""What a store holds is counted and shared by files that are the same; what is in use stays."""

from pathlib import Path

from shelved import FILES, IDENTITY, Worker, filled, paths, published

from cxv.records.kept_jobs import kept_jobs, remove, share
from cxv.records.store import Store


def test_what_only_the_store_has_is_told_from_what_results_link_to(
    finished: Store, tmp_path: Path
) -> None:
    whole = sum(map(len, FILES.values()))
    shelf = filled(finished)
    assert [(job.name, job.bytes, job.bytes_here_alone) for job in kept_jobs(finished)] == [
        ("a run", whole, whole)
    ]
    published(shelf, tmp_path / "results")
    assert [(job.bytes, job.bytes_here_alone) for job in kept_jobs(finished)] == [(whole, 0)]


def test_a_job_is_removed_unless_a_process_is_at_it(finished: Store, worker: Worker) -> None:
    kept = filled(finished, IDENTITY.model_copy(update={"code": "k"}))
    busy = finished.shelf("a run", IDENTITY)
    folder = busy.begin()
    for name in FILES:
        (folder / name).touch()
    busy.keep()
    for job in kept_jobs(finished):
        remove(finished, job)
    assert not kept.folder.exists()
    assert busy.holds({*FILES})


def test_copies_that_another_program_has_made_are_shared_again(
    finished: Store, tmp_path: Path
) -> None:
    """``dvc commit`` puts copies at the paths, or links to its cache."""
    shelf, results, cache = filled(finished), paths(tmp_path / "results"), tmp_path / "cache"
    shelf.publish(results)
    copied, linked = results.values()
    for path in results.values():
        text = path.read_text()
        path.unlink()
        path.write_text(text)
    linked.rename(cache)
    linked.symlink_to(cache)
    [before] = kept_jobs(finished)
    assert before.bytes_here_alone == before.bytes
    share(finished)
    [after] = kept_jobs(finished)
    assert after.bytes_here_alone == 0
    assert shelf.holds({*FILES})
    assert (shelf.folder / copied.name).samefile(copied)
    assert (shelf.folder / linked.name).samefile(cache)


def test_what_is_no_copy_is_not_shared(finished: Store, tmp_path: Path) -> None:
    shelf, results = filled(finished), paths(tmp_path / "results")
    shelf.publish(results)
    for path in results.values():
        path.unlink()
    results["metrics.json"].write_text("of another run")
    share(finished)
    assert shelf.holds({*FILES})
    assert published(shelf, tmp_path / "results") == FILES
