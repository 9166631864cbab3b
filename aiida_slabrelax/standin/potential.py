"""A model of the electrostatic potential, whose work functions are known.

The Fermi level lies below the vacuum level of a face by Φ = 2.27 χ + 0.34 eV, where χ is the
electronegativity (Pauling's scale) of its outermost atoms (Gordy and Thomas, J. Chem. Phys. 24, 439
(1956)). With the dipole correction each face has its own flat vacuum; without it the potential of
two different faces changes linearly across the vacuum, as it does in a periodic cell.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from .elements import ELEMENTS
from .inputs.poscar import cross

if TYPE_CHECKING:
    from .inputs.incar import Incar
    from .inputs.poscar import Structure

#: Φ = SLOPE χ + CONSTANT (eV), and χ of atoms for which none is defined.
SLOPE, CONSTANT, UNDEFINED = 2.27, 0.34, 2.0
#: How far (Å) below the outermost atom the atoms are that determine χ.
OUTERMOST = 0.5
#: How fast (Å) the potential reaches the vacuum level, and its value within the slab, counted from
#: the Fermi level (eV).
DECAY, INSIDE = 0.4, -8.0
#: The depth (eV) and the width (Å) of the wells at the atoms, and the ripple within a plane (eV).
WELL, WIDTH, RIPPLE = 4.0, 0.5, 0.5
#: The largest distance (Å) of points along the normal, as of VASP's fine grid.
SPACING = 0.1
#: The number of points over which the step of the dipole correction extends on either side.
STEP = 2


class Potential(NamedTuple):
    """The potential of a structure.

    :ivar planar: its mean over each plane, at equidistant points along the third vector, eV.
    :ivar ripple: how much it differs from its mean within each plane, eV.
    :ivar fermi: the Fermi level, eV.
    :ivar upper: the vacuum level beside the upper face, as VASP reads it, eV.
    :ivar lower: that beside the lower face, eV.
    """

    planar: list[float]
    ripple: list[float]
    fermi: float
    upper: float
    lower: float


def work_function(symbols: list[str]) -> float:
    """Return the work function (eV) of a face with these outermost atoms."""
    values = [ELEMENTS[symbol].electronegativity for symbol in symbols]
    known = [value if math.isfinite(value) else UNDEFINED for value in values]
    return SLOPE * sum(known) / len(known) + CONSTANT


def model_potential(structure: Structure, incar: Incar) -> Potential:
    """Return the potential along the third lattice vector; its mean is zero, as VASP's is."""
    period = _period(structure)
    count = 2 * math.ceil(period / SPACING / 2)
    spacing = period / count
    fractions = [position[2] % 1.0 for position in structure.positions]
    ordered = sorted(fractions)
    above = [*ordered[1:], ordered[0] + 1.0]
    # Heights (Å) count upwards from the topmost atom, through the vacuum and then the slab.
    gap, top = max((b - a, a) for a, b in zip(ordered, above, strict=True))
    vacuum = gap * period
    heights = [(fraction - top) % 1.0 * period for fraction in fractions]
    faces = [
        work_function(_outermost(structure.symbols, heights, face, period))
        for face in (0.0, vacuum)
    ]
    middle = _middle_of_vacuum(incar, top, vacuum, period)
    layers = {round(height, 1) for height in heights}
    planar, ripple = [], []
    for point in range(count):
        height = (point * spacing - top * period) % period
        outside = min(height, vacuum - height) if height < vacuum else 0.0
        if is_corrected(incar):
            share = (height - middle) / (2 * STEP * spacing) + 0.5
        else:
            share = height / vacuum
        level = faces[0] + (faces[1] - faces[0]) * min(max(share, 0.0), 1.0)
        wells = sum(
            math.exp(-((_distance(height, layer, period) / WIDTH) ** 2)) for layer in layers
        )
        near = math.exp(-outside / DECAY)
        planar.append(level + (INSIDE - level - WELL * wells) * near)
        ripple.append(RIPPLE * near)
    mean = sum(planar) / count
    planar = [value - mean for value in planar]
    step = round((top * period + middle) / spacing)
    upper, lower = (planar[(step + side * 2 * STEP) % count] for side in (-1, 1))
    return Potential(planar, ripple, -mean, upper, lower)


def is_corrected(incar: Incar) -> bool:
    """Return whether the dipole along the third lattice vector is corrected."""
    return incar.tags.get('LDIPOL') is True and incar.tags.get('IDIPOL') == 3


def _period(structure: Structure) -> float:
    """Return the period of the cell along the normal of its first two vectors (Å)."""
    a, b, c = structure.lattice
    normal = cross(a, b)
    return abs(sum(x * y for x, y in zip(normal, c, strict=True))) / math.hypot(*normal)


def _outermost(symbols: list[str], heights: list[float], face: float, period: float) -> list[str]:
    """Return the elements of the atoms at a face."""
    return [
        symbol
        for symbol, height in zip(symbols, heights, strict=True)
        if _distance(height, face, period) < OUTERMOST
    ]


def _middle_of_vacuum(incar: Incar, top: float, vacuum: float, period: float) -> float:
    """Return the height (Å) of the step of the dipole correction.

    It is half a period from the centre that DIPOL names, and mid in the vacuum if that is not in
    the vacuum.
    """
    centre = incar.tags.get('DIPOL')
    if isinstance(centre, list) and len(centre) == 3:
        height = (centre[2] + 0.5 - top) % 1.0 * period
        if 0 < height < vacuum:
            return height
    return vacuum / 2


def _distance(one: float, other: float, period: float) -> float:
    """Return the distance of two heights (Å) in a periodic cell."""
    return abs((one - other + period / 2) % period - period / 2)
