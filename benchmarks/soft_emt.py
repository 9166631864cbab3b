"""A softer effective-medium theory, as wrong beside ASE's as a potential beside VASP may be."""

from __future__ import annotations

from typing import Any

#: The part that is left of the strength V0 of the repulsion. It changes distances in relaxed
#: surfaces by 0.01 to 0.02 Å, while lattice constants hardly change.
STRENGTH = 0.9

#: The place of V0 among the parameters of an element.
_V0 = 2


def soft_emt() -> Any:
    """Return the calculator; all of this process are soft from now on."""
    import ase.calculators.emt

    library: Any = ase.calculators.emt  # ASE's classes carry no types
    for symbol, values in list(library.parameters.items()):
        changed = list(values)
        changed[_V0] *= STRENGTH
        library.parameters[symbol] = tuple(changed)
    return library.EMT()
