"""What a training asks a cluster for: from its profile and its dataset, in bounds."""

from pathlib import Path

import pytest
from profiled import save_profile
from shared_fixtures import Fetched

from cxv.config.spec import Profile, Run
from cxv.gpus.memory_estimate import training_need
from cxv.records.costs import ProfileRecord
from workflow import job_resources
from workflow.job_resources import UNKNOWN, Asked


@pytest.fixture
def record(run: Run, tmp_path: Path) -> ProfileRecord:
    spec = Profile(dataset=run.dataset, model=run.model, variant=run.variant, batch=64)
    return save_profile(tmp_path, spec)


def asked(
    record: ProfileRecord, run: Run, digits: Fetched, tmp_path: Path, **measured: object
) -> Asked:
    """Return what the run asks for once its network has been measured so."""
    path = tmp_path / "profile.json"
    changed = record.measured.model_copy(update=measured)
    path.write_text(record.model_copy(update={"measured": changed}).text())
    return job_resources.training(run, path, digits.manifest)


def longer(run: Run, epochs: int) -> Run:
    phase = run.phase.model_copy(update={"max_epochs": epochs})
    return run.model_copy(update={"phases": (*run.phases[:-1], phase)})


def test_without_a_profile_it_asks_for_what_is_enough_for_most(
    run: Run, digits: Fetched, tmp_path: Path
) -> None:
    assert job_resources.training(run, tmp_path / "none.json", digits.manifest) == UNKNOWN
    assert UNKNOWN == (6000, 240)


def test_without_its_dataset_or_with_a_profile_of_older_code_it_asks_for_the_same(
    record: ProfileRecord, run: Run, digits: Fetched, tmp_path: Path
) -> None:
    profile = tmp_path / record.spec.id / "profile.json"
    assert job_resources.training(run, profile, tmp_path / "none.json") == UNKNOWN
    profile.write_text("{}")
    assert job_resources.training(run, profile, digits.manifest) == UNKNOWN


def test_a_small_network_asks_for_the_libraries_of_a_gpu_and_half_an_hour(
    record: ProfileRecord, run: Run, digits: Fetched, tmp_path: Path
) -> None:
    assert asked(record, run, digits, tmp_path) == (3000, 30)


def test_a_large_network_asks_for_what_it_takes_on_a_node_without_gpus(
    record: ProfileRecord, run: Run, digits: Fetched, tmp_path: Path
) -> None:
    bytes_of = {"float16": 4_000_000_000, "float32": 8_000_000_000}  # of a GPU, of a CPU
    large = tuple(
        peak.model_copy(update={"predicted_peak_bytes": bytes_of[peak.precision]})
        for peak in record.measured.peak_memory
    )
    mb = asked(record, run, digits, tmp_path, peak_memory=large).mb
    full = run.training.model_copy(update={"autocast_cuda": "float32"})
    on_cpu = run.model_copy(update={"training": full})
    need_bytes = training_need(on_cpu, tmp_path / "profile.json", digits.manifest)
    assert need_bytes
    assert mb == round(1500 + need_bytes / 1e6)
    assert mb > 9000


def test_the_minutes_are_those_of_twice_its_steps_between_half_an_hour_and_four(
    record: ProfileRecord, run: Run, digits: Fetched, tmp_path: Path
) -> None:
    speed = record.measured.training
    assert speed
    at = {"training": speed.model_copy(update={"median_images_per_second": 10.0})}
    minutes = [
        asked(record, longer(run, epochs), digits, tmp_path, **at).minutes
        for epochs in (1, 100, 1000)
    ]
    assert minutes == [30, 10 + 2 * 100 * 200 // 10 // 60 + 1, 240]


def test_where_training_was_not_timed_it_has_the_most_minutes(
    record: ProfileRecord, run: Run, digits: Fetched, tmp_path: Path
) -> None:
    assert asked(record, run, digits, tmp_path, training=None).minutes == 240
