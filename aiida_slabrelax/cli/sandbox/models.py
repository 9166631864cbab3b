"""The model that stands in for density-functional theory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ...standin.models import ENGINES
from ..errors import reported

if TYPE_CHECKING:
    from aiida.orm import StructureData

_EXTRA = "'aiida-slabrelax[{}]'"
_PAGE = 'the how-to guide on other engines'


def check_model(model: str | None, bulk: StructureData) -> str:
    """Return the model that the stand-in will use.

    :raises click.ClickException: if it does not support an element, or its library is missing.
    """
    from importlib.util import find_spec

    from ...standin.engines.choice import SHORT_CUTS
    from ...standin.errors import InputError
    from ...standin.models import choose_model

    with reported(InputError):
        chosen = choose_model(bulk.get_symbols_set(), model)
    if chosen == 'gfn1' and find_spec('tblite') is None:
        raise click.ClickException("the model gfn1 needs: pip install 'aiida-slabrelax[xtb]'")
    if chosen in SHORT_CUTS and find_spec(SHORT_CUTS[chosen].package) is None:
        package = f'gpaw gpaw-data (see {_PAGE})' if chosen == 'gpaw' else _EXTRA.format(chosen)
        raise click.ClickException(f'the model {chosen} needs: pip install {package}')
    return chosen


def describe_model(model: str) -> str:
    """Return a line on what the energies of a model are."""
    from ...standin.engines.choice import SHORT_CUTS

    if model in SHORT_CUTS:
        return (
            f'{SHORT_CUTS[model].title} in the place of VASP: the energies are not those of VASP.'
        )
    theory = 'density-functional theory'
    return f'Stand-in for VASP, model {model}: its energies are not those of {theory}.'


def incar_of(model: str) -> dict[str, Any]:
    """Return the tags without which aiida-vasp's protocol asks for what a model does not have."""
    if model == 'gpaw':
        return {'gga': 'PE'}
    return {'ispin': 1, 'gga': '--'} if model in ENGINES else {}
