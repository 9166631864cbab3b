"""The model that stands in for density-functional theory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ...standin.models import ENGINES
from ..errors import reported

if TYPE_CHECKING:
    from aiida.orm import StructureData


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
    if chosen in SHORT_CUTS:
        package = SHORT_CUTS[chosen].package
        if find_spec(package) is None:
            raise click.ClickException(
                f"the model {chosen} needs: pip install 'aiida-slabrelax[{chosen}]'"
            )
    return chosen


def describe_model(model: str) -> str:
    """Return a line on what the energies of a model are."""
    from ...standin.engines.choice import SHORT_CUTS

    if model in SHORT_CUTS:
        title = SHORT_CUTS[model].title
        return f'{title} in the place of VASP: its energies are those of this potential.'
    theory = 'density-functional theory'
    return f'Stand-in for VASP, model {model}: its energies are not those of {theory}.'


def incar_of(model: str) -> dict[str, Any]:
    """Return the tags with which a model does without the physics that it does not have."""
    return {'ispin': 1, 'gga': '--'} if model in ENGINES else {}
