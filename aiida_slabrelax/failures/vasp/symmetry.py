"""Errors in the symmetry and in the k-points."""

from __future__ import annotations

from ..cures import COARSER_SYMMETRY, FINER_SYMMETRY, NO_SYMMETRY, Cure, Set
from ..kinds import Kind, Weight

_FATAL, _WARNING, _HINT = Weight.FATAL, Weight.WARNING, Weight.HINT

SYMMETRY = (
    Kind(
        'SGRCON',
        ('SGRCON', 'non-? ?integer element in rotation matrix'),
        'cell and symmetry do not match: another SYMPREC, or ISYM = 0',
        _FATAL,
        cures=(FINER_SYMMETRY, NO_SYMMETRY),
    ),
    Kind(
        'RHOSYG',
        ('RHOSYG',),
        'the stars of the density do not match the symmetry: SYMPREC = 1e-4, or ISYM = 0',
        _FATAL,
        cures=(COARSER_SYMMETRY, NO_SYMMETRY),
    ),
    Kind(
        'POSMAP',
        ('POSMAP',),
        'an atom has no symmetry-equivalent partner: SYMPREC ten times smaller or larger, or '
        'ISYM = 0',
        _FATAL,
        cures=(FINER_SYMMETRY, NO_SYMMETRY),
    ),
    Kind(
        'PRICELV',
        ('PRICELV',),
        'lattice and primitive lattice do not match within SYMPREC: another SYMPREC, or ISYM = 0',
        _FATAL,
        cures=(FINER_SYMMETRY, NO_SYMMETRY),
    ),
    Kind(
        'PRICEL',
        (r'in subroutine ?PRICEL\b', r'PRICEL\b.{0,20}(?:error|failed)'),
        'no primitive cell was found: a smaller SYMPREC, or ISYM = 0',
        _FATAL,
        cures=(Cure((Set('SYMPREC', 1e-8, 1e-5), Set('ISYM', 0))),),
    ),
    Kind(
        'HNFORM',
        ('HNFORM',),
        'k-mesh and reciprocal lattice do not match: ISYM = 0, or a mesh centred on Γ (changes the '
        'energy)',
        _FATAL,
        cures=(NO_SYMMETRY,),
    ),
    Kind(
        'KSYMM',
        ('unable to match k-?point', 'Fatal error detecting k-mesh'),
        'the k-mesh lacks the symmetry of the crystal (IBZKPT): SYMPREC = 1e-6, or ISYM = 0',
        _FATAL,
        cures=(FINER_SYMMETRY, NO_SYMMETRY),
    ),
    Kind(
        'POINT GROUP',
        ('point group operation missing', 'group operation missing'),
        'a symmetry operation was not recognised: ISYM = 0',
        _FATAL,
        cures=(NO_SYMMETRY,),
    ),
    Kind(
        'IBZKPT',
        (
            'belong to different class of lattices',
            'not all point group operations',
            r'subroutine ?IBZKPT: ?(?!Fatal error: unable|Error: point group operation)',
        ),
        'k-mesh and lattice are of different classes: a mesh centred on Γ (changes the energy), '
        'or ISYM = 0',
        _WARNING,
        cures=(NO_SYMMETRY,),
    ),
    Kind(
        'INVGRP',
        ('INVGRP', 'inverse of rotation matrix was not found'),
        'the inverse of a symmetry operation was not found: another SYMPREC, or ISYM = 0',
        _FATAL,
        cures=(FINER_SYMMETRY, NO_SYMMETRY),
    ),
    Kind(
        'BRAVAIS',
        ('Inconsistent Bravais lattice',),
        'the lattice of the crystal and that of the k-points differ: SYMPREC = 1e-6, or ISYM = 0',
        _FATAL,
        cures=(FINER_SYMMETRY, NO_SYMMETRY),
    ),
    Kind(
        'SYMPREC NOISE',
        ('determination of the symmetry of your systems? shows a strong',),
        'the symmetry depends on SYMPREC, because the positions are noisy: SYMPREC = 1e-6, or '
        'ISYM = 0',
        _HINT,
        cures=(FINER_SYMMETRY, NO_SYMMETRY),
    ),
    Kind(
        'K-MESH SHIFT',
        ('Could not get correct shifts',),
        'the shift of the k-mesh does not suit the lattice: a mesh centred on Γ (changes the '
        'energy)',
        _FATAL,
    ),
    Kind(
        'KPOINTS_TRANS',
        ('GENERATE_KPOINTS_TRANS',),
        'the symmetry of the k-points does not match that of the plane waves: ISYM = 0',
        _FATAL,
        cures=(NO_SYMMETRY,),
    ),
)
