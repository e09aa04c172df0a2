"""Fits that do not depend on each other, many at once: on the cores of this machine or on a Dask cluster.

What is run is a pure function of its item, which carries its own seed: the same numbers come out whatever the number of
jobs and wherever they run. A fit takes no more than its share of the cores. On a cluster the workers need this package,
and the project folder under the same path.
"""

from __future__ import annotations

import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from uuid import uuid4

from resurge.errors import ResurgeError, UsageError
from resurge.inference.settings import at_most

if TYPE_CHECKING:
    from distributed import Client

PATIENCE = 8.0
"""Seconds that a scheduler, and then a first worker of it, has to answer."""
Item, Result = TypeVar("Item"), TypeVar("Result")


class WorkerError(ResurgeError):
    """A fit that was run apart could not be done; the message names it."""

    exit_code = 8


class ClusterError(UsageError):
    """There is no cluster to fit on."""


@dataclass(frozen=True)
class Workers:
    """Where fits are run: so many at once on this machine, or on the cluster of a Dask scheduler."""

    jobs: int = 1
    scheduler: str = ""


HERE = Workers()
"""One fit after the other, in this process."""


@dataclass(frozen=True)
class Outcome(Generic[Result]):
    """What came of one item: its result, or why there is none."""

    name: str
    result: Result | None = None
    failure: str = ""
    traced: str = ""
    exit_code: int = WorkerError.exit_code


def independent(
    function: Callable[[Item], Result],
    items: Mapping[str, Item],
    workers: Workers = HERE,
    tell: Callable[[str], None] = lambda _: None,
) -> dict[str, Result]:
    """Run a pure function over items.

    Parameters
    ----------
    function : callable
        Of one item; a function of a module, so that another process finds it.
    items : mapping of str to object
        Items by the name under which they are told; each carries its seed.
    workers : Workers
        Where.
    tell : callable
        Is told of each item that is done.

    Returns
    -------
    dict
        Results by name, in the order of the items.

    Raises
    ------
    WorkerError
        If an item fails or the process that works on it ends; what else was under way is given up.
    ClusterError
        If a scheduler is named and cannot be used.
    """
    outcomes = on_cluster(function, items, workers.scheduler) if workers.scheduler else here(function, items, workers)
    found: dict[str, Result] = {}
    for outcome in outcomes:
        if outcome.failure:
            raise failed(outcome)
        found[outcome.name] = outcome.result
        tell(f"  {len(found)} of {len(items)}: {outcome.name}")
    return {name: found[name] for name in items}


def here(function: Callable[[Item], Result], items: Mapping[str, Item], workers: Workers) -> Iterator[Outcome[Result]]:
    """Run items on the cores of this machine, in as many processes as there are jobs; in this one if there is one."""
    from joblib import Parallel, cpu_count, delayed, parallel_config

    jobs = max(1, min(workers.jobs, len(items)))
    share = max(1, cpu_count() // jobs) if jobs > 1 else None
    # Numba, BLAS and OpenMP are kept to the share too.
    with parallel_config("loky", n_jobs=jobs, inner_max_num_threads=share):
        pool = Parallel(return_as="generator_unordered", pre_dispatch="n_jobs", batch_size=1)
    waiting = list(items)
    outcomes = pool(delayed(attempt)(function, name, item, share) for name, item in items.items())
    try:
        for outcome in outcomes:
            waiting.remove(outcome.name)
            yield outcome
    except BrokenProcessPool as error:
        under_way = " or ".join(waiting[:jobs])
        raise WorkerError(
            f"{under_way}: the process that worked on it was killed, for want of memory perhaps: try fewer --jobs"
        ) from error
    finally:
        with warnings.catch_warnings():  # what is given up after a failure needs no warning of its own
            warnings.simplefilter("ignore", UserWarning)
            outcomes.close()


def on_cluster(
    function: Callable[[Item], Result], items: Mapping[str, Item], scheduler: str
) -> Iterator[Outcome[Result]]:
    """Run items on the workers of a Dask cluster, one core each."""
    with connected(scheduler) as client:
        from distributed import as_completed

        futures = {
            client.submit(attempt, function, name, item, 1, key=f"{name}-{uuid4().hex}"): name
            for name, item in items.items()
        }
        try:
            for future in as_completed(futures, loop=client.loop):
                if future.status != "finished":
                    raise WorkerError(f"{futures[future]}: lost with the worker or the scheduler ({future.status})")
                yield future.result()
        finally:
            client.cancel(list(futures))


@contextmanager
def connected(scheduler: str) -> Iterator[Client]:
    """Connect to the scheduler of a Dask cluster that has workers.

    Raises
    ------
    ClusterError
        If distributed is not installed, nothing answers at the address, or there are no workers.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise ClusterError(
            "--scheduler needs the package distributed, which is not installed: pip install 'resurge[cluster]'"
        ) from error
    try:
        client = Client(scheduler, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        raise ClusterError(f"--scheduler {scheduler}: no Dask scheduler answers there") from error
    try:
        client.wait_for_workers(1, timeout=PATIENCE)
        yield client
    except TimeoutError as error:
        raise ClusterError(f"--scheduler {scheduler}: the scheduler has no workers") from error
    finally:
        client.close()


def attempt(function: Callable[[Item], Result], name: str, item: Item, cores: int | None) -> Outcome[Result]:
    """Run one item and give its result, or say why there is none: errors do not survive every way back."""
    try:
        with at_most(cores):
            return Outcome(name, function(item))
    except ResurgeError as error:
        return Outcome(name, failure=str(error), traced=traceback.format_exc(), exit_code=error.exit_code)
    except Exception as error:  # whatever it is, it is told where the item was asked for
        return Outcome(name, failure=f"{type(error).__name__}: {error}", traced=traceback.format_exc())


def failed(outcome: Outcome[Any]) -> WorkerError:
    """Make an error of a failed outcome, with the exit code of what went wrong and its traceback as a note."""
    error = WorkerError(f"{outcome.name}: {outcome.failure}")
    error.exit_code = outcome.exit_code
    error.add_note(outcome.traced)
    return error
