"""From the import path of a factory to the calculator of ASE that it returns."""

from __future__ import annotations

from functools import cache
from importlib import import_module, metadata
from typing import TYPE_CHECKING, Any

from ..errors import InputError
from .choice import SHORT_CUTS

if TYPE_CHECKING:
    from .choice import Engine


#: The modules with the data of a module, whose versions count too.
_DATA = {'gpaw': 'gpaw_data'}


def make_calculator(engine: Engine, *, relaxes_cell: bool) -> Any:
    """Return the calculator of an engine.

    :param relaxes_cell: whether its stress is needed.
    :raises InputError: if the factory cannot be imported, refuses its arguments or fails, or if it
        returns no calculator of ASE, or one without forces or without the stress that is needed.
    """
    module, _, name = engine.path.partition(':')
    try:
        factory: Any = import_module(module)
        for part in name.split('.'):
            factory = getattr(factory, part)
    # A module may raise any exception when it is imported.
    except Exception as error:
        raise InputError(
            f'The calculator {engine.path} cannot be imported: {_describe(error)}{_advice(engine)}'
        ) from error
    try:
        calculator = factory(**engine.arguments)
    # So may a factory.
    except Exception as error:
        raise InputError(
            f'The calculator {engine.path} cannot be made with the arguments '
            f'{engine.arguments}: {_describe(error)}'
        ) from error
    if not hasattr(calculator, 'get_potential_energy'):
        raise InputError(
            f'{engine.path} returned a {type(calculator).__name__}, not a calculator of ASE.'
        )
    if 'forces' not in (given := properties_of(calculator)):
        raise InputError(f'The calculator {engine.path} gives no forces, only {", ".join(given)}.')
    if relaxes_cell and 'stress' not in given:
        raise InputError(
            f'The calculator {engine.path} gives no stress, which ISIF > 2 needs to relax the cell.'
        )
    return calculator


def properties_of(calculator: Any) -> list[str]:
    """Return the names of the quantities that a calculator gives."""
    return list(getattr(calculator, 'implemented_properties', ()))


def _describe(error: Exception) -> str:
    # The messages of some libraries have many lines; the first one says what is wrong.
    lines = str(error).strip().splitlines()
    return f'{type(error).__name__}: {lines[0]}' if lines else type(error).__name__


def _advice(engine: Engine) -> str:
    short_cut = SHORT_CUTS.get(engine.model)
    return f'. It needs: pip install {short_cut.package}' if short_cut else ''


@cache
def version_of(path: str) -> str:
    """Return the installed packages behind an import path: ``(sevenn 0.11.2)``, or ``''``."""
    module = path.partition(':')[0].partition('.')[0]
    installed = metadata.packages_distributions()
    packages = {*installed.get(module, ()), *installed.get(_DATA.get(module, ''), ())}
    versions = ', '.join(f'{name} {metadata.version(name)}' for name in sorted(packages))
    return f'({versions})' if versions else ''
