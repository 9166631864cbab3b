"""The physical models that stand in for density-functional theory."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from .elements import ELEMENTS
from .errors import InputError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

#: What each model is, by the name that the environment variable takes.
MODELS = {
    'emt': "ASE's effective-medium theory (metals; milliseconds a step)",
    'gfn1': 'GFN1-xTB by tblite, no k-points (elements up to Rn; about a second a step)',
    'instant': 'a fixed energy from the composition and no forces; for benchmarks',
}

#: The metals that effective-medium theory was made for; chosen without being asked.
EMT_METALS = frozenset(['Al', 'Ni', 'Cu', 'Pd', 'Ag', 'Pt', 'Au'])
#: Those and the elements for which ASE has parameters "for fun"; only if ``emt`` is asked for.
EMT_ELEMENTS = EMT_METALS | {'H', 'C', 'N', 'O'}
_GFN1_LAST = ELEMENTS['Rn'].number


def choose_model(elements: Collection[str], asked: str | None) -> str:
    """Choose the model for a calculation.

    :param elements: the symbols of the elements in the structure.
    :param asked: the model asked for; empty or ``None`` to choose by the elements: ``emt`` if all
        are among its metals, else ``gfn1``.
    :raises InputError: if there is no such model or it does not know an element.
    """
    model = asked or ('emt' if set(elements) <= EMT_METALS else 'gfn1')
    if model not in MODELS:
        raise InputError(f"VASP_STANDIN_MODEL: '{model}' is none of {', '.join(MODELS)}.")
    if model == 'emt':
        unknown = set(elements) - EMT_ELEMENTS
    elif model == 'gfn1':
        unknown = {symbol for symbol in elements if ELEMENTS[symbol].number > _GFN1_LAST}
    else:
        unknown = set()
    if unknown:
        raise InputError(f'The model {model} does not know {", ".join(sorted(unknown))}.')
    return model


def calculator(model: str) -> Any:
    """Return the ASE calculator of a model.

    :param model: ``emt`` or ``gfn1``.
    :raises InputError: if the library behind the model is not installed.
    """
    if model == 'emt':
        import ase.calculators.emt

        # ASE's classes carry no types.
        emt: Any = ase.calculators.emt
        return emt.EMT()
    # Several calculations share a machine; OpenMP reads this when tblite is loaded.
    os.environ.setdefault('OMP_NUM_THREADS', '1')
    try:
        from tblite.ase import TBLite
    except ImportError as error:
        raise InputError(
            "The model gfn1 needs tblite: pip install 'aiida-slabrelax[xtb]'."
        ) from error
    return TBLite(method='GFN1-xTB', verbosity=0)


def instant_energy(symbols: Sequence[str]) -> float:
    """Return the energy (eV) of the model ``instant``: -(1 + Z/20) for each atom."""
    return -sum(1 + ELEMENTS[symbol].number / 20 for symbol in symbols)
