"""Announce a submitted run, and wait for it. aiida is imported when it is used."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import click

from ..errors import CommandFailed
from ..printing import print_text

if TYPE_CHECKING:
    from aiida.engine import ProcessBuilder
    from aiida.orm import ProcessNode


def submit_and_announce(builder: ProcessBuilder, wait: bool) -> None:
    """Submit a run, print how to follow it, and wait for its end if requested.

    :raises click.ClickException: if the daemon does not answer or an input is not valid.
    :raises click.exceptions.Exit: with status 1, if the awaited run has failed.
    """
    from .submission import require_daemon, submit_run

    require_daemon()
    node = submit_run(builder)
    announce(node)
    warn_of_lost(node)
    if wait:
        wait_for(node)


def warn_of_lost(node: ProcessNode) -> None:
    """Tell of processes that were submitted and never arrived: this one, or earlier ones.

    :raises CommandFailed: if this one has not arrived.
    """
    from aiida.manage import get_manager

    from ...engine.lost import REMEDY, describe_lost, find_lost, has_arrived

    assert node.pk is not None
    if has_arrived(node.pk) is False:
        raise CommandFailed(f'{describe_lost([node.pk])}: {REMEDY}')
    if lost := find_lost(get_manager().get_broker()):
        print_text(f'Earlier ones were {describe_lost(lost)}: {REMEDY}', error=True)


def announce(node: ProcessNode) -> None:
    """Print that a run was submitted, and how to follow it."""
    print_text(
        f'Submitted {node.process_label}<{node.pk}>. To follow it:\n'
        f'  aiida-slabrelax show {node.pk}\n'
        f'  verdi process status {node.pk}\n'
        f'  verdi process report {node.pk}'
    )


def wait_for(node: ProcessNode) -> None:
    """Follow a run to its end and print its table; Ctrl-C does not affect the run.

    :raises click.exceptions.Exit: with status 1, if the run has failed.
    :raises CommandFailed: after Ctrl-C.
    """
    from ...results.runs import PROCESS_TYPE
    from ..interruption import await_end
    from .follow import follow
    from .showing import find_table

    try:
        if node.process_type == PROCESS_TYPE:
            follow(node, interval=2)
        else:
            await_end(node, math.inf, lambda: None)
    except KeyboardInterrupt as error:
        raise CommandFailed(
            f'no longer waiting; {node.process_label}<{node.pk}> continues'
        ) from error
    print_text(f'\n{find_table(node, "text")}')
    if node.exit_status != 0:
        raise click.exceptions.Exit(1)
