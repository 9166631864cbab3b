"""The errors and grave warnings of VASP.

The messages are those of VASP 5 and 6. Which there are, and what helps, is known from VASP's manual
(https://vasp.at/wiki), its forum (https://vasp.at/forum) and the error handlers of custodian
(https://github.com/materialsproject/custodian).
"""

from __future__ import annotations

from .cures import Cure, Limit, Scale, Set
from .kinds import Kind, Weight

_FATAL, _WARNING, _HINT = Weight.FATAL, Weight.WARNING, Weight.HINT

#: The symmetry that VASP looks for changes neither the mesh nor the energy, only the effort.
_FINER_SYMMETRY = Cure((Set('SYMPREC', 1e-6, 1e-5),))
_COARSER_SYMMETRY = Cure((Set('SYMPREC', 1e-4, 1e-5),))
_NO_SYMMETRY = Cure((Set('ISYM', 0),))
_NORMAL = Cure((Set('ALGO', 'Normal', 'Normal'),))
_ALL = Cure((Set('ALGO', 'All', 'Normal'),))
_SMALLER_STEPS = Cure((Scale('POTIM', 0.5, 0.5),))
_MORE_BANDS = Cure((Scale('NBANDS', 1.1),))

VASP_ERRORS = (
    # Moving the ions
    Kind(
        'ZBRENT',
        ('ZBRENT: fatal (?:error|internal)',),
        'the line search of IBRION = 2 has lost its way: go on from the last geometry with a '
        'smaller EDIFF, or with IBRION = 1',
        _FATAL,
        cures=(
            Cure((Set('IBRION', 1), Limit('EDIFF', '≤', 1e-6, 1e-4)), keeps_orbitals=True),
            Cure(
                (Limit('EDIFF', '≤', 1e-7, 1e-4), Limit('NELMIN', '≥', 8, 2)), keeps_orbitals=True
            ),
        ),
    ),
    Kind(
        'BRIONS',
        ('BRIONS problems: POTIM should be increased',),
        'the steps of IBRION = 1 are too short: increase POTIM, or use IBRION = 2',
        _WARNING,
        cures=(Cure((Set('IBRION', 2),)),),
    ),
    Kind(
        'ZPOTRF',
        ('ZPOTRF failed', 'Routine ZPOTRF', 'ZTRTRI failed'),
        'the overlap matrix is not positive: look for atoms too close to each other; a smaller '
        'POTIM, or ISYM = 0',
        _FATAL,
        cures=(_SMALLER_STEPS, _NO_SYMMETRY),
    ),
    Kind(
        'FEXCF',
        (r'ERROR FEXC[FP]', 'supplied exchange-?correlation table'),
        'the density is too high somewhere: look for atoms too close to each other, or take '
        'smaller steps (POTIM)',
        _FATAL,
        cures=(_SMALLER_STEPS,),
    ),
    # Electronic iterations
    Kind(
        'EDDDAV',
        ('Error EDDDAV',),
        'the diagonalisation has failed: ALGO = All, or other numbers of bands and cores; look at '
        'the geometry',
        _FATAL,
        cures=(_ALL,),
    ),
    Kind(
        'EDDRMM',
        ('in EDDRMM: call to ZHEGV',),
        'RMM-DIIS is not stable here: ALGO = Normal; then smaller steps (POTIM); look at the '
        'geometry',
        _WARNING,
        cures=(_NORMAL, _SMALLER_STEPS),
    ),
    Kind(
        'EDDIAG',
        ('ERROR:? (?:in )?EDDIAG',),
        'the diagonalisation in the subspace has failed: ALGO = Normal, then Exact',
        _FATAL,
        cures=(_NORMAL, Cure((Set('ALGO', 'Exact'),))),
    ),
    Kind(
        'PSSYEVX',
        ('subspace rotation P[SD]SYEVX', 'P[SD]SYEVX failed'),
        'the diagonalisation of scaLAPACK has failed: ALGO = Normal, or LSCALAPACK = .FALSE.',
        _FATAL,
        cures=(_NORMAL, Cure((Set('LSCALAPACK', False),))),
    ),
    Kind(
        'PZSTEIN',
        ('PZSTEIN parameter', 'PZUNMTR parameter'),
        'a routine of scaLAPACK has failed: LSCALAPACK = .FALSE., or another number of cores',
        _FATAL,
        cures=(Cure((Set('LSCALAPACK', False),)),),
    ),
    Kind(
        'EDWAV',
        ('EDWAV: internal error',),
        'ALGO = All or Damped fails here, mostly with the tetrahedron method (ISMEAR = -5) or by '
        'the optimisation of the compiler: ALGO = Normal',
        _FATAL,
        cures=(_NORMAL,),
    ),
    Kind(
        'BRMIX',
        ('BRMIX: very serious problems',),
        'the mixing loses electrons: IMIX = 1 or smaller AMIX and BMIX, then ISYM = 0; not from '
        'an old CHGCAR',
        _WARNING,
        cures=(Cure((Set('IMIX', 1),)), _NO_SYMMETRY),
    ),
    Kind(
        'SUB-SPACE-MATRIX',
        ('Sub-Space-Matrix is not hermitian',),
        'the diagonalisation loses accuracy: ALGO = All; other NCORE or fewer cores; LREAL = '
        '.FALSE. (changes the energy)',
        _WARNING,
        cures=(_ALL,),
    ),
    Kind(
        'CNORMN',
        ('WARNING: CNORMN',),
        'the search directions are not normalised: ALGO = Normal',
        _WARNING,
        cures=(_NORMAL,),
    ),
    Kind(
        'FOCK_ACC',
        ('error in FOCK_ACC',),
        'the exact exchange has failed in memory: fewer bands in one go (NBLK), more memory',
        _FATAL,
    ),
    # Bands and occupations
    Kind(
        'NBANDS NOT SUFFICIENT',
        ('number of bands is not sufficient', 'NBANDS .{0,30}too small'),
        'there are more electrons than bands can hold: leave NBANDS out or increase it',
        _FATAL,
        cures=(_MORE_BANDS,),
    ),
    Kind(
        'TOO FEW BANDS',
        ('TOO FEW BANDS', 'highest band is occupied at some k-?points'),
        'the highest band is occupied, and the energy of a metal is wrong: increase NBANDS',
        _WARNING,
        cures=(_MORE_BANDS, _MORE_BANDS),
        spoils=True,
    ),
    Kind(
        'NBANDS CHANGED',
        ('number of bands has been changed',),
        'NBANDS was rounded up to suit the number of cores: harmless unless it becomes huge',
        Weight.NOTE,
    ),
    Kind(
        'DENTET',
        ('WARNING: DENTET',),
        'the tetrahedron method finds no Fermi level: more k-points, or another ISMEAR (both '
        'change the energy)',
        _WARNING,
        spoils=True,
    ),
    Kind(
        'DENMP',
        ('WARNING: DENMP',),
        'no Fermi level is found for this smearing: ISMEAR = 0 (changes the energy), more bands',
        _WARNING,
        spoils=True,
    ),
    Kind(
        'BZINTS',
        ('subroutine ?BZINTS', 'Tetrahedron method fails'),
        'the tetrahedron method needs at least 4 k-points: ISMEAR = 0 for relaxations (changes '
        'the energy)',
        _FATAL,
    ),
    Kind(
        'TETIRR',
        ('Routine TETIRR needs special values',),
        'the tetrahedron method needs a mesh centred on Γ: change the k-points, or ISMEAR = 0 '
        '(both change the energy)',
        _FATAL,
    ),
    Kind(
        'ALGO AND ISMEAR',
        ('ALGO=A and IALGO=5X tend to fail',),
        'ALGO = All suits no tetrahedron method: ALGO = Normal, or ISMEAR = 0 (changes the energy)',
        _HINT,
        cures=(_NORMAL,),
    ),
    # Symmetry and k-points
    Kind(
        'SGRCON',
        ('SGRCON', 'non-? ?integer element in rotation matrix'),
        'cell and symmetry do not fit: another SYMPREC, or ISYM = 0',
        _FATAL,
        cures=(_FINER_SYMMETRY, _NO_SYMMETRY),
    ),
    Kind(
        'RHOSYG',
        ('RHOSYG',),
        'the stars of the density do not fit the symmetry: SYMPREC = 1e-4, or ISYM = 0',
        _FATAL,
        cures=(_COARSER_SYMMETRY, _NO_SYMMETRY),
    ),
    Kind(
        'POSMAP',
        ('POSMAP',),
        'an atom has no symmetry-equivalent partner: SYMPREC ten times smaller or larger, or '
        'ISYM = 0',
        _FATAL,
        cures=(_FINER_SYMMETRY, _NO_SYMMETRY),
    ),
    Kind(
        'PRICELV',
        ('PRICELV',),
        'lattice and primitive lattice do not fit within SYMPREC: another SYMPREC, or ISYM = 0',
        _FATAL,
        cures=(_FINER_SYMMETRY, _NO_SYMMETRY),
    ),
    Kind(
        'PRICEL',
        (r'in subroutine ?PRICEL\b', r'PRICEL\b.{0,20}(?:error|failed)'),
        'no primitive cell is found: a smaller SYMPREC, or ISYM = 0',
        _FATAL,
        cures=(Cure((Set('SYMPREC', 1e-8, 1e-5), Set('ISYM', 0))),),
    ),
    Kind(
        'HNFORM',
        ('HNFORM',),
        'k-mesh and reciprocal lattice do not fit: ISYM = 0, or a mesh centred on Γ (changes the '
        'energy)',
        _FATAL,
        cures=(_NO_SYMMETRY,),
    ),
    Kind(
        'KSYMM',
        ('unable to match k-?point', 'Fatal error detecting k-mesh'),
        'the k-mesh has not the symmetry of the crystal (IBZKPT): SYMPREC = 1e-6, or ISYM = 0',
        _FATAL,
        cures=(_FINER_SYMMETRY, _NO_SYMMETRY),
    ),
    Kind(
        'POINT GROUP',
        ('point group operation missing', 'group operation missing'),
        'a symmetry operation was not recognised: ISYM = 0',
        _FATAL,
        cures=(_NO_SYMMETRY,),
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
        cures=(_NO_SYMMETRY,),
    ),
    Kind(
        'INVGRP',
        ('INVGRP', 'inverse of rotation matrix was not found'),
        'the inverse of a symmetry operation was not found: another SYMPREC, or ISYM = 0',
        _FATAL,
        cures=(_FINER_SYMMETRY, _NO_SYMMETRY),
    ),
    Kind(
        'BRAVAIS',
        ('Inconsistent Bravais lattice',),
        'the lattice of the crystal and that of the k-points differ: SYMPREC = 1e-6, or ISYM = 0',
        _FATAL,
        cures=(_FINER_SYMMETRY, _NO_SYMMETRY),
    ),
    Kind(
        'SYMPREC NOISE',
        ('determination of the symmetry of your systems? shows a strong',),
        'the symmetry depends on SYMPREC, because the positions are noisy: SYMPREC = 1e-6, or '
        'ISYM = 0',
        _HINT,
        cures=(_FINER_SYMMETRY, _NO_SYMMETRY),
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
        'the symmetry of the k-points does not fit the plane waves: ISYM = 0',
        _FATAL,
        cures=(_NO_SYMMETRY,),
    ),
    # Potentials and projectors
    Kind(
        'REAL_OPTLAY',
        ('REAL_OPT(?:LAY)?: internal ERROR',),
        'the real-space projectors cannot be optimised: LREAL = .FALSE. (changes the energy)',
        _FATAL,
    ),
    Kind(
        'RSPHER',
        ('ERROR:? RSPHER',),
        'the real-space projectors do not fit the grid: LREAL = .FALSE. (changes the energy)',
        _FATAL,
    ),
    Kind(
        'SBESSELITER',
        ('SBESSELITER',),
        'the real-space projectors do not converge: LREAL = .FALSE. (changes the energy)',
        _FATAL,
    ),
    Kind(
        'SET_CORE_WF',
        ('SET_CORE_WF',),
        'the core states of a potential are wrong: take a newer POTCAR',
        _FATAL,
    ),
    Kind(
        'SET_INDPW_FULL',
        ('SET_INDPW_FULL',),
        'the arrays for the plane waves are too small: fewer cores, or ISYM = 0',
        _FATAL,
        cures=(_NO_SYMMETRY,),
    ),
    Kind(
        'LRF_COMMUTATOR',
        ('LRF_COMMUTATOR internal error',),
        'linear response fails for degenerate states: LPEAD = .TRUE.',
        _FATAL,
    ),
    # Inputs
    Kind(
        'READ ERROR',
        ("Error reading item '?[A-Za-z_]+'?", 'Error code was IERR'),
        'a tag of the INCAR has a value that VASP cannot read: mend it; the last lines name it',
        _FATAL,
    ),
    Kind(
        'POTIM MISSING',
        ('no entry for POTIM',),
        'IBRION = 0 needs POTIM',
        _FATAL,
    ),
    Kind(
        'TRIPLE PRODUCT',
        ('triple product of the basis vectors',),
        'the lattice vectors are left-handed: exchange two of them',
        _FATAL,
    ),
    Kind(
        'NON-COLLINEAR',
        ('non collinear calculations require',),
        'this needs the executable for non-collinear calculations (vasp_ncl)',
        _FATAL,
    ),
    Kind(
        'HARRIS',
        ('Harris functional dynamics',),
        'ICHARG ≥ 10 keeps the density as it is and suits no relaxation: leave it out',
        _FATAL,
    ),
    Kind(
        'WAVECAR',
        ('while reading (?:plane|WAVECAR|eigenvalues)', 'ERROR: while reading WAVECAR'),
        'the WAVECAR is of another calculation or broken: begin without it (ISTART = 0)',
        _FATAL,
        cures=(Cure((Set('ISTART', 0),)),),
    ),
    Kind(
        'NCORE',
        ('do not work for NCORE', 'remove the tag NPAR from the INCAR'),
        'this task does not run with NCORE or NPAR: leave them out',
        _FATAL,
    ),
    Kind(
        'ELF AND KPAR',
        ('ELF: KPAR>1 not implemented',),
        'LELF does not run with KPAR: KPAR = 1',
        _FATAL,
        cures=(Cure((Set('KPAR', 1, 1),)),),
    ),
    Kind(
        'AMIN',
        ('very long .{0,12}but AMIN',),
        'a long cell lets the charge slosh: AMIN = 0.01',
        _HINT,
        cures=(Cure((Limit('AMIN', '≤', 0.01, 0.1),)),),
    ),
    Kind(
        'ALIASING',
        (r'FFT grids \(NGX,NGY,NGZ\) are not sufficient',),
        'the grids given by hand are too coarse: leave NGX, NGY and NGZ out',
        Weight.NOTE,
    ),
)
