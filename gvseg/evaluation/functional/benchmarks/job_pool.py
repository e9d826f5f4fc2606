"""Run one function over many items, in order, in this process or in several."""

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any

Progress = Callable[[int, int], None]


def _context() -> multiprocessing.context.BaseContext:
    """Fork if the platform supports it: workers start immediately and import nothing."""
    methods = multiprocessing.get_all_start_methods()
    return multiprocessing.get_context('fork' if 'fork' in methods else methods[0])


def run_jobs(
    function: Callable[[Any], Any], items: Sequence[Any], jobs: int = 1, progress: Progress | None = None
) -> list[Any]:
    """Call function(item) for every item.

    Args:
        function: picklable when jobs > 1.
        items: the work, one video each.
        jobs: number of worker processes; 1 runs in this process.
        progress: called as progress(done, total) after each item.

    Returns:
        The results in the order of `items`, whatever `jobs` is; the first error of an item is raised unchanged.

    Raises:
        ValueError: jobs < 1.
    """
    if jobs < 1:
        raise ValueError(f'jobs is {jobs}; it must be at least 1')
    if jobs == 1 or len(items) < 2:
        return _collect(map(function, items), len(items), progress)
    with ProcessPoolExecutor(min(jobs, len(items)), mp_context=_context()) as pool:
        futures = [pool.submit(function, item) for item in items]
        try:
            return _collect((future.result() for future in futures), len(items), progress)
        except BaseException:
            for future in futures:
                future.cancel()
            raise


def _collect(results: Iterator[Any], total: int, progress: Progress | None) -> list[Any]:
    """Collect results in order and report progress."""
    collected = []
    for result in results:
        collected.append(result)
        if progress:
            progress(len(collected), total)
    return collected
