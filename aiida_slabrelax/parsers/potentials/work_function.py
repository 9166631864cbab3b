"""The work functions of the two faces of a slab, or the reason why they are not known.

The work function of a face is the potential in the flat vacuum beside it minus the Fermi level
(Fall, Binggeli and Baldereschi, J. Phys.: Condens. Matter 11, 2689 (1999)). LOCPOT shows whether
the vacuum is flat. OUTCAR, where VASP prints two vacuum levels if IDIPOL is set, does not: VASP
takes the potential at two points beside the middle of the vacuum, whatever it is there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..reading import OUTCAR
from .potential import LOCPOT, OutcarLevels, PlanarAverage

#: A vacuum is flat where its potential changes by no more than FLAT (eV) within WINDOW (Å).
FLAT, WINDOW = 0.02, 1.0
#: So far from the outermost atoms (Å) the potential still falls towards them.
TAIL = 2.5
#: The thinnest vacuum (Å) in which each face can have a flat part beside it.
THINNEST = 2 * (TAIL + WINDOW)
_HINT = 'two different faces need the dipole correction, and LVHAR is smoother than LVTOT'
#: The thinnest vacuum (Å) for which levels from OUTCAR are trusted.
THINNEST_FOR_OUTCAR = 10.0


class NotFlatError(ValueError):
    """There is no vacuum level; the message says why."""


@dataclass(frozen=True)
class WorkFunctions:
    """The work functions of the faces of a slab.

    :ivar upper: that of the upper face, towards which the third lattice vector leads, eV.
    :ivar lower: that of the lower face, eV.
    :ivar fermi: the Fermi level, eV.
    :ivar upper_vacuum: the vacuum level beside the upper face, eV.
    :ivar lower_vacuum: the vacuum level beside the lower face, eV.
    :ivar source: the file of the vacuum levels, ``LOCPOT`` or ``OUTCAR``.
    """

    upper: float
    lower: float
    fermi: float
    upper_vacuum: float
    lower_vacuum: float
    source: str


def find_work_functions(
    levels: OutcarLevels, potential: PlanarAverage | None, vacuum: float | None
) -> WorkFunctions | None:
    """Return the work functions; ``None`` if nothing was computed for them.

    :param levels: the levels in OUTCAR.
    :param potential: the planar average of LOCPOT, which goes before the vacuum levels in OUTCAR.
    :param vacuum: the thickness of the vacuum, Å.
    :raises NotFlatError: if there are no vacuum levels, or they cannot be trusted.
    """
    if potential is None and (levels.upper is None or levels.lower is None):
        return None
    if levels.fermi is None:
        raise NotFlatError(f'no Fermi level in {OUTCAR}')
    if potential is not None:
        upper, lower = vacuum_levels(potential)
    else:
        upper, lower = _levels_of_outcar(levels, vacuum)
    return WorkFunctions(
        upper=upper - levels.fermi,
        lower=lower - levels.fermi,
        fermi=levels.fermi,
        upper_vacuum=upper,
        lower_vacuum=lower,
        source=OUTCAR if potential is None else LOCPOT,
    )


def _levels_of_outcar(levels: OutcarLevels, vacuum: float | None) -> tuple[float, float]:
    assert levels.upper is not None
    assert levels.lower is not None
    if not levels.corrected:
        raise NotFlatError(
            f'the dipole is not corrected (LDIPOL), and {OUTCAR} does not show whether the vacuum '
            f'is flat: {LOCPOT} is needed'
        )
    if vacuum is None or vacuum < THINNEST_FOR_OUTCAR:
        known = 'unknown thickness' if vacuum is None else f'{vacuum:.1f} Å'
        raise NotFlatError(
            f'a vacuum of {known}: below {THINNEST_FOR_OUTCAR:.0f} Å {OUTCAR} does not show '
            f'whether it is flat: {LOCPOT} is needed'
        )
    return levels.upper, levels.lower


def vacuum_levels(potential: PlanarAverage) -> tuple[float, float]:
    """Return the vacuum levels beside the upper and the lower face, eV.

    Each is the mean over the flattest ångström beside the face. Between two faces there is one flat
    part, or two with the step of the dipole correction between them.

    :raises NotFlatError: if there is no flat vacuum beside both faces.
    """
    vacuum = max(potential.period - potential.thickness, 0.0)
    if vacuum < THINNEST:
        raise NotFlatError(
            f'no flat vacuum: it is {vacuum:.1f} Å thick, and at least {THINNEST:.0f} Å are needed'
        )
    above = potential.heights > potential.thickness + TAIL
    values = potential.values[above & (potential.heights < potential.period - TAIL)]
    count = 1 + max(1, round(WINDOW * len(potential.values) / potential.period))
    if len(values) < 2 * count:
        raise NotFlatError(f'{LOCPOT} has too few points in the vacuum: {len(values)}')
    windows = np.lib.stride_tricks.sliding_window_view(values, count)
    changes = np.ptp(windows, axis=1)
    flat = np.flatnonzero(changes <= FLAT)
    if not len(flat):
        raise NotFlatError(
            f'no flat vacuum: the potential changes by {changes.min():.3f} eV/Å or more; {_HINT}'
        )
    parts = np.split(flat, np.flatnonzero(np.diff(flat) > 1) + 1)
    largest = max(float(np.ptp(windows[part])) for part in parts)
    if len(parts) > 2 or largest > 2 * FLAT:
        raise NotFlatError(
            f'no flat vacuum: the potential varies by {np.ptp(windows[flat]):.3f} eV; {_HINT}'
        )
    if len(parts) == 1:
        parts = np.array_split(flat, 2)
    upper, lower = (float(windows[part[int(np.argmin(changes[part]))]].mean()) for part in parts)
    return upper, lower
