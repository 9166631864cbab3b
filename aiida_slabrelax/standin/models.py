"""The physical models that stand in for density-functional theory."""

from __future__ import annotations

import math
import os
from typing import TYPE_CHECKING, Any

from .elements import ELEMENTS
from .errors import InputError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from .inputs.poscar import Structure

#: The models, by the value of the environment variable.
MODELS = {
    'emt': "ASE's effective-medium theory (metals; milliseconds a step)",
    'gfn1': 'GFN1-xTB by tblite, no k-points (elements up to Rn; about a second a step)',
    'instant': 'a fixed energy from the composition and no forces; for benchmarks',
    'linear': 'as instant, with faces of 0.05 eV/Å² and a bulk 1 meV/atom too low; for tests',
    'sevennet': 'SevenNet, a machine-learned potential (pip install sevenn; seconds a step)',
    'chgnet': 'CHGNet, likewise (pip install chgnet)',
    'gpaw': 'GPAW, density-functional theory with plane waves (scripts/gpaw installs it)',
    'ase': 'any calculator of ASE: --calculator module:function --arguments JSON',
}

#: The metals that effective-medium theory was made for; ``emt`` is the default for these.
EMT_METALS = frozenset(['Al', 'Ni', 'Cu', 'Pd', 'Ag', 'Pt', 'Au'])
#: Also the elements for which ASE has parameters "for fun"; allowed if ``emt`` is chosen.
EMT_ELEMENTS = EMT_METALS | {'H', 'C', 'N', 'O'}
#: The models without a calculator of ASE.
FIXED = ('instant', 'linear')
#: The models that other packages provide, whose energies mean what they mean there.
ENGINES = ('sevennet', 'chgnet', 'gpaw', 'ase')
#: The models that need nothing but their name.
NAMED = tuple(model for model in MODELS if model != 'ase')

#: For the model ``linear``: the energy of a face (eV/Å²), the error of the bulk energy per atom
#: (eV), and the thickness of the vacuum (Å) from which on a structure counts as a slab.
FACE, BULK_ERROR, VACUUM = 0.05, 0.001, 4.0

_GFN1_LAST = ELEMENTS['Rn'].number

#: The elements that SevenNet and CHGNet know, those of their training data (Deng et al., Nat. Mach.
#: Intell. 5, 1031 (2023)): up to Pu without Po to Ra. CHGNet gives nonsense for others.
_TRAINED = frozenset(list(ELEMENTS)[: ELEMENTS['Pu'].number]) - {'Po', 'At', 'Rn', 'Fr', 'Ra'}


def choose_model(elements: Collection[str], asked: str | None) -> str:
    """Choose the model for a calculation.

    :param elements: the symbols of the elements in the structure.
    :param asked: the requested model; empty or ``None`` to choose by the elements: ``emt`` if all
        are among its metals, else ``gfn1``.
    :raises InputError: if there is no such model or it does not support an element.
    """
    model = asked or ('emt' if set(elements) <= EMT_METALS else 'gfn1')
    if model not in MODELS:
        raise InputError(f"VASP_STANDIN_MODEL: '{model}' is none of {', '.join(MODELS)}.")
    if model == 'emt':
        unknown = set(elements) - EMT_ELEMENTS
    elif model == 'gfn1':
        unknown = {symbol for symbol in elements if ELEMENTS[symbol].number > _GFN1_LAST}
    elif model in ('sevennet', 'chgnet'):
        unknown = set(elements) - _TRAINED
    else:
        unknown = set()
    if unknown:
        raise InputError(f'The model {model} does not know {", ".join(sorted(unknown))}.')
    return model


def calculator(model: str) -> Any:
    """Return the ASE calculator of a model.

    :param model: ``emt`` or ``gfn1``.
    :raises InputError: if the library behind the model is not installed.
    :raises ValueError: if the model has another calculator or none.
    """
    if model not in ('emt', 'gfn1'):
        raise ValueError(f'{model} has no calculator here')
    if model == 'emt':
        import ase.calculators.emt

        # ASE's classes carry no types.
        emt: Any = ase.calculators.emt
        return emt.EMT()
    # Several calculations share a machine; OpenMP reads this variable when tblite is loaded.
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


def linear_energy(structure: Structure) -> float:
    """Return the energy (eV) of the model ``linear``.

    It is that of ``instant`` plus 0.05 eV/Å² for each face of a slab normal to the third vector.
    For a crystal without faces it is 1 meV per atom too low.
    """
    from .inputs.poscar import cross

    a, b, c = structure.lattice
    normal = cross(a, b)
    area = math.sqrt(sum(x * x for x in normal))
    height = abs(sum(x * y for x, y in zip(normal, c, strict=True))) / area
    heights = sorted(position[2] % 1.0 for position in structure.positions)
    above = [*heights[1:], heights[0] + 1.0]
    empty = max(upper - lower for lower, upper in zip(heights, above, strict=True)) * height
    energy = instant_energy(structure.symbols)
    if empty > VACUUM:
        return energy + 2 * area * FACE
    return energy - BULK_ERROR * len(structure.symbols)
