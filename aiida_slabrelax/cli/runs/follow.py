"""Watch a run until it ends. Import it inside a command: it imports aiida."""

from __future__ import annotations

import time
from collections.abc import Callable

from aiida.orm import ProcessNode
from tqdm import tqdm

from ...results.slabs import RunResults, collect


def follow(
    node: ProcessNode,
    interval: float,
    timeout: float | None = None,
    at_each_look: Callable[[], None] | None = None,
) -> RunResults:
    """Follow a run to its end, with a progress bar over the slabs on a terminal.

    :returns: its results.

    :param node: the run.
    :param interval: the time between queries of the database, s.
    :param timeout: the longest time to wait, s.
    :param at_each_look: called before each query; its exceptions end the watch.
    :raises TimeoutError: if the run has not ended in time.
    """
    start = time.monotonic()
    with tqdm(
        disable=None,  # no bar in a file or a pipe
        desc='cutting slabs',
        unit='slab',
        bar_format='{l_bar}{bar}| {n_fmt}/{total_fmt} slabs [{elapsed}{postfix}]',
    ) as bar:
        while True:
            if at_each_look is not None:
                at_each_look()
            ended = node.is_sealed
            results = collect(node)
            if results.slabs:
                bar.set_description('relaxing', refresh=False)
                bar.total = len(results.slabs)
            bar.n = results.n_done
            bar.set_postfix_str(_status(node, results))
            if ended:
                return results
            if timeout is not None and time.monotonic() - start > timeout:
                raise TimeoutError(f'not finished after {timeout:g} s')
            time.sleep(interval)


def _status(node: ProcessNode, results: RunResults) -> str:
    running = sum(slab.state == 'running' for slab in results.slabs)
    status = 'paused' if results.paused else results.state
    return f'{status}, {running} running' if running else status
