"""Are the same numbers found whatever the number of jobs, here or on a cluster, and is a failure told by name?"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import pytest

from resurge.errors import UsageError
from resurge.inference import independent_fits
from resurge.inference.independent_fits import PATIENCE, ClusterError, WorkerError, Workers, independent
from resurge.inference.settings import Settings, at_most, cores_of

SHORT = Settings(draws=20, tune=50, chains=2)


@dataclass(frozen=True)
class Work:
    """What a worker is asked for."""

    seed: int
    settings: Settings = SHORT


def drawn(work: Work) -> list[float]:
    return np.random.default_rng(work.seed).standard_normal(3).tolist()


def cores_taken(work: Work) -> int:
    return cores_of(work.settings)


def process(_: Work) -> int:
    time.sleep(0.3)
    return os.getpid()


def threads_allowed(_: Work) -> str:
    return os.environ["OMP_NUM_THREADS"] + os.environ["NUMBA_NUM_THREADS"]


def fails_on_two(work: Work) -> int:
    if work.seed == 2:
        raise UsageError("the row makes no sense") if work.settings.chains == 2 else KeyError("phi")
    return work.seed


def is_killed(work: Work) -> int:
    if work.seed == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(0.2)
    return work.seed


def sampled(work: Work) -> list[float]:
    """Fit a mean and a spread with the sampler itself."""
    import pymc as pm

    from resurge.inference.sample import compile_model, compiled_once, sample

    def state() -> pm.Model:
        with pm.Model() as model:
            observed = pm.Data("observed", np.zeros(5))
            pm.Normal("y", pm.Normal("mu", 0, 5), pm.HalfNormal("sd", 2), observed=observed)
        return model

    data = {"observed": np.random.default_rng(work.seed).normal(3, 1, 5)}
    groups = sample(compiled_once("mean", lambda: compile_model(state())), work.settings, progress=False, data=data)
    return groups["posterior"]["mu"].values.ravel().tolist()


ITEMS = {f"set {seed}": Work(seed) for seed in range(5)}


@pytest.fixture(scope="module")
def cluster():
    """Give the address of a scheduler with two workers, each a process of its own."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0", memory_limit=0
    ) as found:
        yield found.scheduler_address


def test_results_come_in_the_order_of_the_items_and_are_the_same_for_any_number_of_jobs():
    serial = independent(drawn, ITEMS)
    assert list(serial) == list(ITEMS)
    assert independent(drawn, ITEMS, Workers(jobs=2)) == serial
    assert list(independent(drawn, ITEMS, Workers(jobs=3))) == list(ITEMS)


def test_jobs_are_processes_and_one_job_is_this_one():
    assert set(independent(process, ITEMS).values()) == {os.getpid()}
    others = set(independent(process, ITEMS, Workers(jobs=2)).values())
    assert len(others) == 2
    assert os.getpid() not in others


def test_each_item_that_is_done_is_told():
    told = []
    independent(drawn, ITEMS, tell=told.append)
    assert told == [f"  {i} of 5: set {i - 1}" for i in range(1, 6)]


def test_a_fit_takes_its_share_of_the_cores_and_the_settings_stay():
    many = Settings(cores=64)
    assert cores_of(many) == 64
    with at_most(2):
        assert cores_of(many) == 2
        assert cores_of(Settings(cores=1)) == 1
    assert cores_of(many) == 64
    jobs = 2
    share = max(1, (os.cpu_count() or 1) // jobs)
    items = {name: Work(0, many) for name in "ab"}
    assert set(independent(cores_taken, items, Workers(jobs=jobs)).values()) <= set(range(1, share + 1))
    assert independent(cores_taken, items) == {"a": 64, "b": 64}


def test_threads_inside_a_job_are_limited():
    items = {name: Work(0) for name in "ab"}
    share = max(1, (os.cpu_count() or 1) // 2)
    assert all(int(text[0]) <= share for text in independent(threads_allowed, items, Workers(jobs=2)).values())


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_failure_names_its_item_and_keeps_its_exit_code(jobs):
    with pytest.raises(WorkerError) as caught:
        independent(fails_on_two, ITEMS, Workers(jobs=jobs))
    assert str(caught.value) == "set 2: the row makes no sense"
    assert caught.value.exit_code == UsageError.exit_code
    items = {name: Work(work.seed, Settings(chains=3)) for name, work in ITEMS.items()}
    with pytest.raises(WorkerError) as caught:
        independent(fails_on_two, items, Workers(jobs=jobs))
    assert str(caught.value) == "set 2: KeyError: 'phi'"
    assert caught.value.exit_code == WorkerError.exit_code
    assert "fails_on_two" in caught.value.__notes__[0]


def test_a_killed_worker_is_one_sentence_that_names_what_it_worked_on():
    with pytest.raises(WorkerError, match=r"set 2.*was killed"):
        independent(is_killed, ITEMS, Workers(jobs=2))
    assert independent(drawn, ITEMS, Workers(jobs=2)) == independent(drawn, ITEMS)  # the next run starts afresh


# A cluster


def test_a_cluster_gives_the_same_fits_as_one_process_and_as_two_jobs(cluster):
    items = {name: ITEMS[name] for name in ("set 0", "set 1", "set 2")}
    serial = independent(sampled, items)
    assert serial["set 0"] != serial["set 1"]
    assert independent(sampled, items, Workers(scheduler=cluster)) == serial
    assert independent(sampled, items, Workers(jobs=2)) == serial


def test_a_failure_on_a_cluster_names_its_item(cluster):
    with pytest.raises(WorkerError, match=r"^set 2: the row makes no sense"):
        independent(fails_on_two, ITEMS, Workers(scheduler=cluster))


def test_a_worker_of_a_cluster_takes_one_core(cluster):
    assert independent(cores_taken, {"a": Work(0)}, Workers(scheduler=cluster)) == {"a": 1}


def test_a_killed_worker_of_a_cluster_is_told_by_item():
    distributed = pytest.importorskip("distributed")
    import dask

    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 0}),
        distributed.LocalCluster(n_workers=1, threads_per_worker=1, processes=True, dashboard_address=":0") as found,
        pytest.raises(WorkerError, match=r"^set 2: "),
    ):
        independent(is_killed, {"set 2": Work(2)}, Workers(scheduler=found.scheduler_address))


@pytest.mark.parametrize(
    ("address", "patience"),
    [("tcp://127.0.0.1:9", PATIENCE), ("nowhere", 1.0), ("tcp://no.such.host.invalid:8786", 1.0)],
)
def test_a_scheduler_that_does_not_answer_is_one_sentence_soon(address, patience, monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr(independent_fits, "PATIENCE", patience)
    started = time.monotonic()
    with pytest.raises(ClusterError, match=f"--scheduler {address}: no Dask scheduler answers there"):
        independent(drawn, ITEMS, Workers(scheduler=address))
    assert time.monotonic() - started < 2 * PATIENCE


def test_a_scheduler_without_workers_is_one_sentence(monkeypatch):
    distributed = pytest.importorskip("distributed")
    monkeypatch.setattr(independent_fits, "PATIENCE", 1.0)
    with (
        distributed.LocalCluster(n_workers=0, dashboard_address=":0") as found,
        pytest.raises(ClusterError, match="has no workers"),
    ):
        independent(drawn, ITEMS, Workers(scheduler=found.scheduler_address))


def test_without_distributed_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ClusterError, match=r"pip install 'resurge\[cluster\]'"):
        independent(drawn, ITEMS, Workers(scheduler="tcp://127.0.0.1:8786"))


def test_an_interrupted_run_leaves_no_workers_behind(tmp_path):
    script = tmp_path / "long.py"
    script.write_text(
        "import os, signal, time\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # ignored where tests run in the background
        "from resurge.inference.independent_fits import Workers, independent\n"
        "def slow(item):\n    print(os.getpid(), flush=True)\n    time.sleep(60)\n"
        "independent(slow, {'a': 1, 'b': 2}, Workers(jobs=2))\n"
    )
    running = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    workers = [int(running.stdout.readline()) for _ in range(2)]
    running.send_signal(signal.SIGINT)
    running.wait(timeout=30)
    ended = time.monotonic() + 30
    while time.monotonic() < ended and any(map(is_running, workers)):
        time.sleep(0.2)
    assert not any(map(is_running, workers))


def is_running(process_id: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(process_id, 0)
        return True
    return False
