"""The choice of an engine: a calculator of ASE by the import path of its factory."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from ..errors import InputError

#: The environment variables with the import path of the factory, and with its arguments as JSON.
CALCULATOR, ARGUMENTS = 'VASP_STANDIN_CALCULATOR', 'VASP_STANDIN_ARGUMENTS'

#: The environment variables in which MPI and Slurm say how many processes they have started.
_PROCESSES = ('OMPI_COMM_WORLD_SIZE', 'PMI_SIZE', 'SLURM_STEP_NUM_TASKS')

#: The largest number of characters of the arguments in the name of an engine.
LONGEST_ARGUMENTS = 120

_PATH = re.compile(r'[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*(\.[^\W\d]\w*)*')


class ShortCut(NamedTuple):
    """A potential whose parameters come with its package, so that nothing is downloaded.

    :ivar title: its name in the field.
    :ivar path: the import path of the factory.
    :ivar arguments: the arguments of the factory; those of the user are laid over them.
    :ivar package: the name with which the package is installed.
    :ivar trained: the parameter sets (the argument ``model``) that were trained with PBE on the
        crystals of the Materials Project.
    """

    title: str
    path: str
    arguments: dict[str, Any]
    package: str
    trained: tuple[str | None, ...]


#: The short cuts by the name of the model. Their packages contain the sets of parameters that are
#: named here; others they would download.
SHORT_CUTS = {
    'sevennet': ShortCut(
        'SevenNet',
        'sevenn.calculator:SevenNetCalculator',
        {'model': '7net-0'},
        'sevenn',
        ('7net-0', '7net-l3i5'),
    ),
    'chgnet': ShortCut('CHGNet', 'chgnet.model.dynamics:CHGNetCalculator', {}, 'chgnet', (None,)),
    'gpaw': ShortCut('GPAW', 'gpaw:GPAW', {}, 'gpaw', ()),
}


class Engine(NamedTuple):
    """A calculator of ASE that is still to be made.

    :ivar model: the name of the model: ``ase``, or that of a short cut.
    :ivar path: the import path of the factory: ``module:function``.
    :ivar arguments: the arguments of the factory, by keyword.
    :ivar settings: further arguments, which say the same as the tags of the INCAR.
    :ivar vacuum_axis: the lattice vector across the vacuum, if the potential there is wanted.
    """

    model: str
    path: str
    arguments: dict[str, Any]
    settings: Mapping[str, Any] = MappingProxyType({})
    vacuum_axis: int | None = None

    @property
    def name(self) -> str:
        """The name in the output: the potential or the factory, its arguments, its version."""
        from .factories import version_of

        short_cut = SHORT_CUTS.get(self.model)
        words = [
            short_cut.title if short_cut else self.path,
            _shortened(self.arguments),
            version_of(self.path),
        ]
        return ' '.join(filter(None, words))

    @property
    def trained_on_materials_project(self) -> bool:
        """Whether it is known that the engine was trained with PBE on the Materials Project."""
        short_cut = SHORT_CUTS.get(self.model)
        return short_cut is not None and self.arguments.get('model') in short_cut.trained


def _shortened(arguments: Mapping[str, Any]) -> str:
    """Return arguments as JSON; long ones are cut, and told apart by a hash."""
    if not arguments:
        return ''
    text = json.dumps(arguments, sort_keys=True)
    if len(text) <= LONGEST_ARGUMENTS:
        return text
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    return f'{text[: LONGEST_ARGUMENTS - 12]}… [{digest}]'


def choose_engine(model: str, environ: Mapping[str, str]) -> Engine:
    """Return the engine that the environment variables ask for.

    :param model: ``ase``, or the name of a short cut.
    :param environ: the environment variables :data:`CALCULATOR` and :data:`ARGUMENTS`.
    :raises InputError: if the import path or the arguments are missing or cannot be read, there is
        an import path beside a short cut, or MPI has started several processes, each of which would
        write the same files.
    """
    for name in _PROCESSES:
        if environ.get(name, '1') not in ('', '1'):
            raise InputError(
                f'{name} = {environ[name]}: the model {model} runs as one process, which may have '
                'several threads. Ask for one, or give AiiDA a code without MPI.'
            )
    path, arguments = environ.get(CALCULATOR, '').strip(), _read_arguments(environ)
    if model in SHORT_CUTS:
        if path:
            raise InputError(f"{CALCULATOR}: '{path}' goes with the model ase, not with {model}.")
        short_cut = SHORT_CUTS[model]
        return Engine(model, short_cut.path, {**short_cut.arguments, **arguments})
    if not _PATH.fullmatch(path):
        raise InputError(
            f'{CALCULATOR}: the model ase needs module:function, such as '
            f"ase.calculators.lj:LennardJones, got '{path}'."
        )
    return Engine(model, path, arguments)


def _read_arguments(environ: Mapping[str, str]) -> dict[str, Any]:
    text = environ.get(ARGUMENTS, '').strip()
    try:
        arguments = json.loads(text) if text else {}
    except ValueError as error:
        raise InputError(f'{ARGUMENTS}: {error} in {text}') from error
    if not isinstance(arguments, dict):
        raise InputError(f'{ARGUMENTS}: an object such as {{"model": "small"}}, got {text}')
    return arguments
