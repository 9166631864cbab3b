"""The options of the calculations (resources, queue, wall time), and YAML files given by users."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from pathlib import Path
from typing import Any

import click

from .errors import one_line

_OPTIONS = (
    click.option('--num-machines', type=click.IntRange(min=1), help='Nodes of each calculation.'),
    click.option('--num-mpiprocs-per-machine', type=click.IntRange(min=1), help='Tasks on a node.'),
    click.option(
        '--max-wallclock-seconds', type=click.IntRange(min=1), help='Wall time of a calculation.'
    ),
    click.option('--queue-name', metavar='NAME', help='The queue or partition.'),
    click.option('--account', metavar='NAME', help='The account that pays.'),
    click.option(
        '--options',
        'options_file',
        metavar='FILE',
        help='YAML with any options of the calculations; the options above go before it.',
    ),
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


def read_yaml(path: str | None) -> dict[str, Any]:
    """Return the mapping in a YAML file; an empty one if there is no file or nothing in it.

    :raises click.ClickException: if it cannot be read, or holds something else.
    """
    import yaml

    if path is None:
        return {}
    try:
        content = yaml.safe_load(Path(path).read_text('utf-8'))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise click.ClickException(f'{path} cannot be read: {one_line(error)}') from error
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise click.ClickException(f'{path} holds a {type(content).__name__}, not a mapping')
    return content
