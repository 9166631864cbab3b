"""``aiida-slabrelax mock``: a durable workflow from end to end, without slabs or a code."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import CommandFailed, reported
from ..interruption import await_end, held_back, interruptible, killed_if_given_up
from ..params import options
from ..printing import print_line, print_text
from ..sandbox import environment

if TYPE_CHECKING:
    from aiida.orm import ProcessNode


def check_finite(
    context: click.Context | None, parameter: click.Parameter | None, value: float
) -> float:
    """Return a number as it is.

    :raises click.BadParameter: if it is infinite or not a number.
    """
    if not math.isfinite(value):
        raise click.BadParameter(f'{value} is not a finite number.')
    return value


@click.command()
@click.option(
    '--count',
    type=click.IntRange(min=1),
    default=3,
    show_default=True,
    metavar='N',
    help='How many values.',
)
@click.option(
    '--delta',
    type=float,
    default=0.5,
    show_default=True,
    callback=check_finite,
    metavar='X',
    help='The shift of each value.',
)
@options.timeout(600)
@options.workdir('The folder of a separate AiiDA profile, as for `demo`; not with --profile.')
@click.option(
    '-p',
    '--profile',
    type=options.ProfileName(),
    metavar='NAME',
    help='An existing profile to use instead; its daemon must be running.',
)
def mock(count: int, delta: float, timeout: float, workdir: Path, profile: str | None) -> None:
    """Create some values and shift each of them, all at once, in a durable workflow.

    A minimal workflow that uses the daemon and stores provenance: one calculation function creates
    the values 0.0, 1.0, …, and further ones shift each value.
    """
    with prepared(workdir.resolve(), profile):
        node = run(count, delta, timeout)
        report(node)
        if profile is None:
            print_text(f'\n{environment.describe_profile(workdir.resolve(), node.pk)}')


@contextmanager
def prepared(workdir: Path, profile: str | None) -> Iterator[None]:
    """Load an existing profile, or create one in a folder, with a daemon inside the block."""
    if profile is not None:
        from ..inputs.nodes import use_profile

        use_profile(profile)
        from ..runs.submission import require_daemon

        require_daemon()
        yield
        return
    with environment.isolated(workdir), interruptible():
        environment.load_profile(workdir)
        with environment.daemon():
            yield


def run(count: int, delta: float, timeout: float) -> ProcessNode:
    """Submit the workflow and return its node when it has ended; if abandoned, it is killed.

    :raises CommandFailed: after the time-out.
    """
    from aiida.engine import submit

    from ...examples.scatter_gather import scatter_gather

    with held_back() as let_through:
        with reported():
            node = submit(scatter_gather, count=count, delta=delta)
        with killed_if_given_up(node):
            print_line(f'Submitted scatter_gather<{node.pk}>.')
            await_end(node, timeout, let_through)
    return node


def report(node: ProcessNode) -> None:
    """Print the values.

    :raises CommandFailed: if the workflow has not succeeded.
    """
    if not node.is_finished_ok:
        reason = node.exit_message or node.exception or node.process_status or ''
        raise CommandFailed(f'scatter_gather<{node.pk}> did not succeed: {reason.strip()}')
    print_line('Mock scatter-gather workflow finished:')
    outputs: Any = node.outputs
    for heading, values in (
        ('source values', outputs.sources),
        ('shifted values', outputs.shifted),
    ):
        print_line(f'  {heading}:')
        for label in sorted(values):
            value = values[label]
            print_line(f'    {label} = {value.value}  pk {value.pk}  uuid {value.uuid}')
