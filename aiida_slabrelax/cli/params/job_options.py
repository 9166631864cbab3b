"""The options of the calculations: resources, queue, wall time."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

import click

from ..inputs.yaml_files import read_yaml

_OPTIONS = (
    click.option('--num-machines', type=click.IntRange(min=1), help='Nodes of each calculation.'),
    click.option('--num-mpiprocs-per-machine', type=click.IntRange(min=1), help='Tasks on a node.'),
    click.option(
        '--max-wallclock-seconds', type=click.IntRange(min=1), help='Wall time of a calculation.'
    ),
    click.option('--queue-name', metavar='NAME', help='The queue or partition.'),
    click.option('--account', metavar='NAME', help='The account of the job.'),
    click.option(
        '--options',
        'options_file',
        metavar='FILE',
        help='YAML with any options of the calculations; the options above override it.',
    ),
)

#: The names of their parameters.
JOB_OPTIONS = (
    'num_machines',
    'num_mpiprocs_per_machine',
    'max_wallclock_seconds',
    'queue_name',
    'account',
    'options_file',
)

#: Those that aiida-core groups under ``resources``.
_RESOURCES = ('num_machines', 'num_mpiprocs_per_machine')


def job_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of the calculations to a command; :func:`collect_options` takes them."""
    return reduce(lambda decorated, option: option(decorated), reversed(_OPTIONS), command)


def collect_options(options_file: str | None, **chosen: Any) -> dict[str, Any]:
    """Return ``metadata.options`` of the calculations.

    :param options_file: a YAML file.
    :param chosen: the values of the other options, which replace those of the file.
    :raises click.ClickException: if the file cannot be read.
    """
    options = read_yaml(options_file)
    given = {name: value for name, value in chosen.items() if value is not None}
    # Not every scheduler knows num_machines: resources in a file are taken as they are.
    resources = options.setdefault('resources', {'num_machines': 1})
    if not isinstance(resources, dict):
        raise click.ClickException(f'{options_file}: resources must be a mapping, not {resources}')
    resources |= {name: given.pop(name) for name in _RESOURCES if name in given}
    return {**options, **given}
