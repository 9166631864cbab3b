"""The command line ``aiida-slabrelax``, similar to ``verdi``.

Commands import slow packages (aiida, ase, matplotlib, numpy, pymatgen) only when they run, so that
``--help`` is instant.
"""

from __future__ import annotations

import warnings

import click

from .. import __version__
from .commands.converge import converge
from .commands.demo import demo
from .commands.doctor import doctor
from .commands.energies import energies
from .commands.export import export
from .commands.gamma import gamma
from .commands.launch import launch
from .commands.mock import mock
from .commands.plot import plot
from .commands.preview import preview
from .commands.report import report
from .commands.reread import reread
from .commands.retry import retry
from .commands.show import show
from .program import Program

__all__ = ['cli']


@click.group(cls=Program, context_settings={'help_option_names': ['-h', '--help']})
@click.version_option(__version__, prog_name='aiida-slabrelax')
def cli() -> None:
    """Cut every termination of a crystal surface and relax each with VASP."""
    # SQLAlchemy warns at every query while a node is not stored.
    warnings.filterwarnings('ignore', 'Object of type <DbNode> not in session')


cli.add_command(converge)
cli.add_command(demo)
cli.add_command(doctor)
cli.add_command(energies)
cli.add_command(export)
cli.add_command(gamma)
cli.add_command(launch)
cli.add_command(mock)
cli.add_command(plot)
cli.add_command(preview)
cli.add_command(report)
cli.add_command(reread)
cli.add_command(retry)
cli.add_command(show)
