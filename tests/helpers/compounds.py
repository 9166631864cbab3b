"""Compounds with invented energies: a bulk, the references of its elements, and slabs."""

from __future__ import annotations

from dataclasses import dataclass

from aiida_slabrelax.energetics import Phase, Slab


@dataclass(frozen=True)
class Compound:
    bulk: Phase
    references: dict[str, Phase]
    slabs: tuple[Slab, ...]


BINARY = Compound(
    Phase({'Ti': 2, 'O': 4}, -52.71),
    {'Ti': Phase({'Ti': 2}, -15.53), 'O': Phase({'O': 2}, -9.86)},
    (
        Slab({'Ti': 5, 'O': 12}, -139.87, 19.3, symmetric=True),
        Slab({'Ti': 6, 'O': 10}, -139.02, 19.3, symmetric=True),
        Slab({'Ti': 6, 'O': 11}, -145.33, 19.3, symmetric=False),
    ),
)
TERNARY = Compound(
    Phase({'Ag': 6, 'P': 2, 'O': 8}, -88.41),
    {'Ag': Phase({'Ag': 1}, -2.72), 'P': Phase({'P': 4}, -21.3), 'O': Phase({'O': 2}, -9.86)},
    (
        Slab({'Ag': 13, 'P': 4, 'O': 16}, -177.9, 37.45, symmetric=True),
        Slab({'Ag': 14, 'P': 5, 'O': 16}, -184.2, 37.45, symmetric=True),
        Slab({'Ag': 10, 'P': 3, 'O': 16}, -150.3, 37.45, symmetric=True),
        Slab({'Ag': 11, 'P': 4, 'O': 16}, -171.8, 37.45, symmetric=True),
    ),
)
QUATERNARY = Compound(
    Phase({'Li': 4, 'Fe': 4, 'P': 4, 'O': 16}, -190.6),
    {
        'Li': Phase({'Li': 2}, -3.8),
        'Fe': Phase({'Fe': 2}, -16.5),
        'P': Phase({'P': 4}, -21.3),
        'O': Phase({'O': 2}, -9.86),
    },
    (
        Slab({'Li': 7, 'Fe': 8, 'P': 8, 'O': 32}, -372.1, 48.9, symmetric=True),
        Slab({'Li': 8, 'Fe': 9, 'P': 8, 'O': 31}, -380.4, 48.9, symmetric=True),
        Slab({'Li': 8, 'Fe': 6, 'P': 7, 'O': 33}, -370.2, 48.9, symmetric=False),
    ),
)
COMPOUNDS = {'binary': BINARY, 'ternary': TERNARY, 'quaternary': QUATERNARY}
