"""The model that stands in for density-functional theory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ..errors import reported

if TYPE_CHECKING:
    from aiida.orm import StructureData


def check_model(model: str | None, bulk: StructureData) -> str:
    """Return the model that the stand-in will use.

    :raises click.ClickException: if it does not support an element, or its library is missing.
    """
    from importlib.util import find_spec

    from ...standin.errors import InputError
    from ...standin.models import choose_model

    with reported(InputError):
        chosen = choose_model(bulk.get_symbols_set(), model)
    if chosen == 'gfn1' and find_spec('tblite') is None:
        raise click.ClickException("the model gfn1 needs: pip install 'aiida-slabrelax[xtb]'")
    return chosen
