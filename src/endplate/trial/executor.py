"""Where the units of work run: in this process, on its threads, or on a Dask cluster. Results come in order.

A unit depends on nothing but its own description, so the same units give the same bits wherever they run, and a unit
lost with its worker is simply run again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol, TypeVar

from endplate.errors import ModelError
from endplate.plan.place import clean

S = TypeVar("S")
J = TypeVar("J")
R = TypeVar("R")
WAITING = 4  # units in flight for every thread: results never pile up
PATIENCE = "20s"


class Executor(Protocol):
    """Runs `work(shared, job)` for every job and gives the results in the order of the jobs."""

    def run(self, work: Callable[[S, J], R], shared: S, jobs: Sequence[J]) -> Iterator[R]: ...


class Threads:
    """Threads of this process; NumPy lets go of the interpreter inside each large operation."""

    def __init__(self, workers: int = 1) -> None:
        if not 1 <= workers <= 256:
            raise ModelError(f"{workers} workers were asked for.", "Allowed: 1 to 256.", "Give --workers.")
        self.workers = workers

    def run(self, work: Callable[[S, J], R], shared: S, jobs: Sequence[J]) -> Iterator[R]:
        if self.workers == 1:
            yield from (work(shared, job) for job in jobs)
            return
        with ThreadPoolExecutor(self.workers) as pool:
            flying: list[Future[R]] = []
            try:
                for job in jobs:
                    if len(flying) >= WAITING * self.workers:
                        yield flying.pop(0).result()
                    flying.append(pool.submit(work, shared, job))
                while flying:
                    yield flying.pop(0).result()
            finally:
                for one in flying:
                    one.cancel()


class Cluster:
    """A Dask cluster that is already running.

    Args:
        client: a `distributed.Client`.
    """

    def __init__(self, client: Any) -> None:
        self.client = client

    def run(self, work: Callable[[S, J], R], shared: S, jobs: Sequence[J]) -> Iterator[R]:
        # Not scattered: data that only one worker holds would be lost with it. A task is run again.
        common = self.client.submit(_same, shared, pure=False)
        futures = [self.client.submit(work, common, job, pure=False, retries=3) for job in jobs]
        try:
            while futures:
                yield futures[0].result()
                futures.pop(0)  # lets the cluster forget the result
        finally:
            self.client.cancel([*futures, common], force=True)


def _same(value: S) -> S:
    return value


def executor_for(workers: int, cluster: str | Any | None) -> AbstractContextManager[Executor]:
    """The executor for a run: threads, or the cluster at an address (or of a client).

    Raises:
        ModelError: `distributed` is not installed, or nobody answers there.
    """
    if cluster is None:
        return nullcontext(Threads(workers))
    if not isinstance(cluster, str):
        return nullcontext(Cluster(cluster))
    return _at_address(cluster)


class _at_address(AbstractContextManager[Executor]):
    def __init__(self, address: str) -> None:
        try:
            from distributed import Client
        except ImportError:
            raise ModelError(
                "A cluster needs the package `distributed`, which is not installed.",
                "",
                'Install it with: pip install "endplate[cluster]".',
            ) from None
        try:
            self._client = Client(address, timeout=PATIENCE)
        except (OSError, ValueError, TypeError) as error:
            raise ModelError(
                f"No cluster answers at `{clean(address, 100)}` ({clean(type(error).__name__)}).",
                "It is the address of a Dask scheduler, such as tcp://127.0.0.1:8786.",
                "Start one with `dask scheduler`, or leave out --cluster.",
            ) from None

    def __enter__(self) -> Executor:
        return Cluster(self._client)

    def __exit__(self, *_: object) -> None:
        self._client.close()
