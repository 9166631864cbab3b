"""VASP's settings in the words of GPAW."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import InputError
from .physics import refuse_physics

if TYPE_CHECKING:
    from ..inputs.incar import Incar
    from ..inputs.kpoints import KPoints
    from ..inputs.poscar import Structure
    from ..inputs.potcar import Potential

#: The functionals by the value of GGA, or of LEXCH in POTCAR. GPAW uses no potentials of another
#: functional: those of PBEsol do not come with it, and it says so.
FUNCTIONALS = {'CA': 'LDA', 'PE': 'PBE', 'PS': 'PBEsol', 'RP': 'RPBE', 'RE': 'revPBE'}
#: The functionals by the value of METAGGA, which counts more. Names with + are those of libxc.
META_FUNCTIONALS = {
    'TPSS': 'TPSS',
    'RTPSS': 'revTPSS',
    'M06L': 'M06-L',
    'SCAN': 'MGGA_X_SCAN+MGGA_C_SCAN',
    'R2SCAN': 'MGGA_X_R2SCAN+MGGA_C_R2SCAN',
}

#: The tags of :data:`~.physics.PHYSICS` that are obeyed.
OBEYED_PHYSICS = ('GGA', 'METAGGA', 'ISPIN')
#: The largest distance of an ion to the boundary of the cell at which the dipole layer lies, Å.
ROOM = 2.0
#: The difference of lattice vectors from the axes that counts as none, Å.
ALIGNED = 1e-4


def gpaw_settings(
    incar: Incar, kpoints: KPoints, structure: Structure, potentials: list[Potential]
) -> dict[str, Any]:
    """Return the parameters of GPAW for VASP's settings.

    The criterion of the energy is that of the whole cell, in eV; GPAW's own is for an electron.
    The smearings of both have the same definition of their width, and so have the magnetic moments.

    :raises InputError: if a tag has no counterpart in GPAW, or ENCUT is missing.
    """
    refuse_physics(incar, 'GPAW', OBEYED_PHYSICS)
    cutoff = incar.tags.get('ENCUT')
    if not isinstance(cutoff, float) or cutoff <= 0:
        raise InputError('ENCUT is missing: GPAW has potentials of its own, not those of POTCAR.')
    convergence: dict[str, Any] = {'energy': incar.ediff}
    if isinstance(least := incar.tags.get('NELMIN'), int):
        convergence['minimum iterations'] = least
    settings: dict[str, Any] = {
        'mode': {'name': 'pw', 'ecut': cutoff},
        'xc': _functional(incar, potentials),
        'kpts': _kpoints(kpoints),
        'occupations': _occupations(incar),
        'convergence': convergence,
        'maxiter': incar.nelm,
        'symmetry': _symmetry(incar, structure),
        **_spin(incar, structure),
    }
    if isinstance(bands := incar.tags.get('NBANDS'), int):
        settings['nbands'] = bands
    if dipole_axis(incar, structure) is not None:
        settings['poissonsolver'] = {'dipolelayer': True}
    return settings


def _functional(incar: Incar, potentials: list[Potential]) -> str:
    meta = str(incar.tags.get('METAGGA', '--')).strip().upper()
    if meta not in ('', '--', 'NONE'):
        if meta not in META_FUNCTIONALS:
            raise InputError(f'METAGGA = {meta}: GPAW has {", ".join(META_FUNCTIONALS)} here.')
        return META_FUNCTIONALS[meta]
    name = str(incar.tags.get('GGA', '--')).strip().upper()
    if name in ('', '--', 'NONE'):
        names = {potential.exchange for potential in potentials}
        if len(names) > 1:
            raise InputError(f'POTCAR: potentials for several functionals: {", ".join(names)}.')
        (name,) = names
    if name not in FUNCTIONALS:
        raise InputError(f'GGA = {name}: GPAW has {", ".join(FUNCTIONALS)} here.')
    return FUNCTIONALS[name]


def _kpoints(kpoints: KPoints) -> Any:
    if not kpoints.divisions:
        weights = set(kpoints.weights)
        if max(weights) - min(weights) > 1e-9:
            raise InputError('KPOINTS: GPAW takes a mesh, or a list of points of equal weight.')
        return kpoints.points
    if not any(kpoints.shift):
        scheme = {'gamma': True} if kpoints.scheme == 'Gamma' else {}
        return {'size': kpoints.divisions, **scheme}
    # The points of the whole mesh; GPAW reduces them by symmetry. Shifts are in steps of the mesh.
    starts = [
        shift / number + ((1 - number) / (2 * number) if kpoints.scheme != 'Gamma' else 0.0)
        for number, shift in zip(kpoints.divisions, kpoints.shift, strict=True)
    ]
    n1, n2, n3 = kpoints.divisions
    return [
        [starts[0] + i / n1, starts[1] + j / n2, starts[2] + k / n3]
        for i in range(n1)
        for j in range(n2)
        for k in range(n3)
    ]


def _occupations(incar: Incar) -> dict[str, Any]:
    scheme, width = incar.tags.get('ISMEAR', 1), incar.tags.get('SIGMA', 0.2)
    assert isinstance(scheme, int)
    if scheme >= 0:
        # Order 0 is Gaussian smearing.
        return {'name': 'methfessel-paxton', 'order': scheme, 'width': width}
    named: dict[int, dict[str, Any]] = {
        -1: {'name': 'fermi-dirac', 'width': width},
        -4: {'name': 'tetrahedron-method'},
        -5: {'name': 'improved-tetrahedron-method'},
    }
    if scheme not in named:
        raise InputError(f'ISMEAR = {scheme}: GPAW has -5, -4, -1, 0 and more here.')
    return named[scheme]


def _symmetry(incar: Incar, structure: Structure) -> dict[str, Any]:
    """Return the symmetry that a relaxation keeps: fixed ions are not those that move."""
    isym = incar.tags.get('ISYM', 2)
    assert isinstance(isym, int)
    if isym <= 0:
        return {'point_group': False, 'time_reversal': isym == 0}
    flags = structure.selective or []
    if not flags or all(row == flags[0] for row in flags):
        return {}
    if any(len(set(row)) > 1 for row in flags):
        return {'point_group': False}
    return {'extra_ids': [int(row[0]) for row in flags]}


def _spin(incar: Incar, structure: Structure) -> dict[str, Any]:
    if incar.tags.get('ISPIN', 1) != 2:
        return {'spinpol': False}
    moments = incar.tags.get('MAGMOM')
    count = len(structure.positions)
    if moments is None:
        return {'spinpol': True, 'magmoms': [1.0] * count}  # VASP's default
    assert isinstance(moments, list)
    if len(moments) != count:
        raise InputError(f'MAGMOM has {len(moments)} values for {count} ions.')
    return {'spinpol': True, 'magmoms': [float(moment) for moment in moments]}


def dipole_axis(incar: Incar, structure: Structure) -> int | None:
    """Return the lattice vector (0, 1, 2) along which a dipole layer is put; ``None`` for none.

    GPAW puts it at the boundary of the cell, where the vacuum must be.

    :raises InputError: if there are ions, or the lattice vector is not along x, y or z.
    """
    layer, axis = incar.tags.get('LDIPOL', False), incar.tags.get('IDIPOL')
    if not layer and axis is None:
        return None
    if not layer or axis not in (1, 2, 3):
        raise InputError('GPAW needs LDIPOL = .TRUE. with IDIPOL = 1, 2 or 3, or neither.')
    assert isinstance(axis, int)
    check_vacuum(structure, axis - 1, 'IDIPOL')
    return axis - 1


def vacuum_axis(incar: Incar, kpoints: KPoints, structure: Structure) -> int | None:
    """Return the lattice vector across the vacuum whose potential is wanted; ``None`` for none.

    That is the one of a dipole layer, or the third one if LVHAR is set and the crystal is a slab.
    """
    if (axis := dipole_axis(incar, structure)) is not None:
        return axis
    if incar.tags.get('LVHAR', False) is not True or kpoints.divisions[2:] != [1]:
        return None
    try:
        check_vacuum(structure, 2, 'LVHAR')
    except InputError:
        return None
    return 2


def check_vacuum(structure: Structure, axis: int, tag: str) -> None:
    """Make sure that there is vacuum at the boundary of the cell, along one axis.

    :raises InputError: if there are ions, or the lattice vector is not along x, y or z.
    """
    lattice = structure.lattice
    mixed = [abs(lattice[axis][i]) for i in range(3) if i != axis]
    mixed += [abs(lattice[i][axis]) for i in range(3) if i != axis]
    if max(mixed) > ALIGNED:
        raise InputError(f'{tag} = {axis + 1}: GPAW needs this lattice vector along {"xyz"[axis]}.')
    heights = [position[axis] % 1.0 for position in structure.positions]
    room = min(min(heights), 1 - max(heights)) * abs(lattice[axis][axis])
    if room < ROOM:
        raise InputError(
            f'{tag} = {axis + 1}: an ion is {room:.1f} Å from the boundary of the cell, where GPAW '
            f'puts the dipole layer; centre the slab, or leave {ROOM:g} Å.'
        )
