"""The electrostatic potential of a slab: its levels in OUTCAR, its planar average in LOCPOT."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...surfaces import SlabGeometry
from ...surfaces.slabs.geometry import in_one_piece, wrap
from ..lines import lines_with
from ..steps import Array, Geometry, UnreadableError

LOCPOT = 'LOCPOT'

_FERMI = re.compile(r'^ *E-fermi : *(\S+)', re.MULTILINE)
_LEVELS = re.compile(
    r'^ *vacuum level on the upper side and lower side of the slab +(\S+) +(\S+)', re.MULTILINE
)
_CORRECTED = re.compile(r'^ *LDIPOL *= *([TF])\b', re.MULTILINE)
_AXIS = re.compile(r'^ *IDIPOL *= *(\d)\b', re.MULTILINE)


@dataclass(frozen=True)
class OutcarLevels:
    """The levels in an OUTCAR, after the last ionic step; ``None`` where there is none.

    :ivar fermi: the Fermi level, eV.
    :ivar upper: the vacuum level beside the upper face, eV. VASP prints it with IDIPOL.
    :ivar lower: that beside the lower face, eV.
    :ivar corrected: whether VASP corrected the potential for the dipole along the third vector.
    """

    fermi: float | None = None
    upper: float | None = None
    lower: float | None = None
    corrected: bool = False


@dataclass(frozen=True)
class PlanarAverage:
    """The mean of the potential over planes parallel to the faces of a slab.

    The vacuum lies between the upper face and the period, at which the next image begins.

    :ivar heights: shape (N,), the heights of the planes above the lowest atom, ascending, Å.
    :ivar values: shape (N,), the potential, eV.
    :ivar thickness: the height of the upper face, Å.
    :ivar period: the period of the cell along the normal, Å.
    """

    heights: Array
    values: Array
    thickness: float
    period: float


def read_levels(outcar: str) -> OutcarLevels:
    """Return the levels in the text of an OUTCAR of VASP 5 or 6."""
    upper, lower = _last('vacuum level', _LEVELS, outcar) or ('', '')
    fermi = _last('E-fermi', _FERMI, outcar)
    along = _last('IDIPOL', _AXIS, outcar) == ('3',)
    return OutcarLevels(
        fermi=_number(fermi[0]) if fermi else None,
        upper=_number(upper) if along else None,
        lower=_number(lower) if along else None,
        corrected=along and _last('LDIPOL', _CORRECTED, outcar) == ('T',),
    )


def _last(word: str, pattern: re.Pattern[str], outcar: str) -> tuple[str, ...] | None:
    """Return the groups of the last line that matches."""
    groups = None
    for match in lines_with(word, pattern, outcar):
        groups = match.groups()
    return groups


def _number(text: str) -> float | None:
    """Return a number; ``None`` for the stars that VASP writes if it does not fit."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if np.isfinite(value) else None


def read_locpot(path: Path) -> PlanarAverage:
    """Return the planar average of a LOCPOT along its third lattice vector.

    :param path: the file; with two spins its first potential is read.
    :raises UnreadableError: if it cannot be read.
    """
    # It imports scipy.signal and scipy.stats, 0.4 s, which a worker needs for nothing else.
    from pymatgen.io.vasp.outputs import Locpot

    if not path.exists():
        raise UnreadableError('VASP has not written it (LVHAR)')
    try:
        locpot = Locpot.from_file(str(path))
        values = np.asarray(locpot.get_average_along_axis(2), dtype=np.float64)
        fractional, lowest = in_one_piece(locpot.structure.frac_coords)
        geometry = SlabGeometry(np.asarray(locpot.structure.lattice.matrix), fractional)
    except Exception as error:  # pymatgen raises any exception for a damaged file
        raise UnreadableError(f'{type(error).__name__}: {error}') from error
    if not np.isfinite(values).all():
        raise UnreadableError('not all values are finite numbers')
    heights = wrap(np.arange(len(values)) / len(values) - lowest) * geometry.height
    order = np.argsort(heights)
    return PlanarAverage(heights[order], values[order], geometry.thickness, geometry.height)


def vacuum_of(geometry: Geometry) -> float | None:
    """Return the thickness of the vacuum of a slab (Å); ``None`` if its cell is none."""
    try:
        fractional = geometry.positions @ np.linalg.inv(geometry.cell)
    except np.linalg.LinAlgError:
        return None
    return SlabGeometry.of_cell(geometry.cell, fractional).vacuum
