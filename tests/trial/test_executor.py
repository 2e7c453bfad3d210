"""Where a trial runs changes nothing."""

from __future__ import annotations

import json
import os
import signal
import threading
import time

import pytest

from endplate.errors import ModelError
from endplate.trial.executor import Threads, executor_for
from endplate.trial.run import run_trial


def slow_square(shared: int, job: int) -> int:
    time.sleep(0.002 * (job % 5))
    return shared * job * job


def test_threads_give_results_in_the_order_of_the_jobs() -> None:
    jobs = list(range(40))
    assert list(Threads(4).run(slow_square, 3, jobs)) == [3 * j * j for j in jobs]


def test_threads_keep_few_results_waiting() -> None:
    begun: list[int] = []
    lock = threading.Lock()

    def note(shared: None, job: int) -> int:
        with lock:
            begun.append(job)
        return job

    results = Threads(2).run(note, None, range(1000))
    assert next(results) == 0
    assert len(begun) < 50
    results.close()


def test_an_error_in_a_unit_is_raised_where_the_results_are_read() -> None:
    def fail(shared: None, job: int) -> int:
        if job == 3:
            raise ValueError("unit 3")
        return job

    results = Threads(2).run(fail, None, range(10))
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ValueError, match="unit 3"):
        next(results)


@pytest.mark.parametrize("workers", [0, -1, 1000])
def test_a_number_of_workers_out_of_range_is_refused(workers: int) -> None:
    with pytest.raises(ModelError, match=f"{workers} workers"):
        Threads(workers)


def test_the_number_of_threads_changes_no_bit(changed) -> None:
    one = run_trial(changed(), patients=300, seed=4)
    three = run_trial(changed(), patients=300, seed=4, workers=3)
    assert json.dumps(one.to_json_dict()) == json.dumps(three.to_json_dict())
    assert one.kept is not None and three.kept is not None
    assert all((one.kept[name] == three.kept[name]).all() for name in one.kept)


def test_a_cluster_that_nobody_runs_is_refused_in_one_line() -> None:
    pytest.importorskip("distributed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("endplate.trial.executor.PATIENCE", "0.5s")
        with pytest.raises(ModelError) as caught:
            executor_for(1, "tcp://127.0.0.1:9")
    assert "No cluster answers at `tcp://127.0.0.1:9`" in str(caught.value)


@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # what Dask warns about is not ours
def test_a_cluster_gives_the_same_bits_though_a_worker_is_killed_in_the_middle(changed) -> None:
    distributed = pytest.importorskip("distributed")
    here = run_trial(changed(), patients=2000, seed=2)
    with (
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            dashboard_address=None,
            worker_dashboard_address=None,
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        pids = client.run(os.getpid)
        victim = next(iter(pids.values()))
        seen: list[int] = []

        def kill_one(done: int, of: int) -> None:
            seen.append(done)
            if len(seen) == 2:
                os.kill(victim, signal.SIGKILL)

        there = run_trial(
            changed(), patients=2000, seed=2, cluster=cluster.scheduler_address, progress=kill_one
        )
        assert victim not in client.run(os.getpid).values()
    assert seen[-1] == 4000
    assert json.dumps(here.to_json_dict()) == json.dumps(there.to_json_dict())
    assert here.kept is not None and there.kept is not None
    assert all((here.kept[name] == there.kept[name]).all() for name in here.kept)
