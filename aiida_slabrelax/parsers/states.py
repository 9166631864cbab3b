"""Site-resolved states: partial densities of states and projections, read with pymatgen.

Their tables have one column for each shell or orbital, with or without m, up to p, d or f.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .files.vasprun import open_vasprun
from .files.xml import VasprunText
from .steps import Array, UnreadableError


def read_partial_dos(text: VasprunText, symbols: Sequence[str]) -> tuple[Array, list[str]] | None:
    """Return the partial density of states in aiida-vasp's layout, and the names of its columns.

    The axes are spin (left out without spin polarisation), site, energy and orbital.

    :param symbols: the elements of the sites.
    :returns: ``None`` if the file does not contain it.
    :raises UnreadableError: if it cannot be read.
    """
    if not text.steps or '<partial' not in text.steps[-1]:
        return None
    vasprun: Any = open_vasprun(text.last(1), symbols, parse_dos=True)
    if getattr(vasprun, 'dos_has_errors', True) or not vasprun.pdos:
        raise UnreadableError('pymatgen cannot read the partial density of states')
    orbitals = list(vasprun.pdos[0])
    spins = sorted(vasprun.pdos[0][orbitals[0]], key=lambda spin: -spin.value)
    channels = [
        np.array(
            [
                np.stack([site[orbital][spin] for orbital in orbitals], axis=-1)
                for site in vasprun.pdos
            ]
        )
        for spin in spins
    ]
    return _by_spin(channels), [orbital.name for orbital in orbitals]


def read_projections(text: VasprunText, symbols: Sequence[str]) -> Array | None:
    """Return the projections of the states in aiida-vasp's layout.

    The axes are spin (left out without spin polarisation), site, k-point, band and orbital.

    :param symbols: the elements of the sites.
    :returns: ``None`` if the file does not contain them.
    :raises UnreadableError: if they cannot be read.
    """
    if not text.steps or '<projected>' not in text.steps[-1]:
        return None
    vasprun: Any = open_vasprun(text.last(1), symbols, parse_projected_eigen=True)
    projections = vasprun.projected_eigenvalues
    if not projections:
        raise UnreadableError('pymatgen cannot read the projected states')
    spins = sorted(projections, key=lambda spin: -spin.value)
    return _by_spin([np.moveaxis(np.array(projections[spin]), 2, 0) for spin in spins])


def _by_spin(channels: list[Array]) -> Array:
    return channels[0] if len(channels) == 1 else np.stack(channels)
