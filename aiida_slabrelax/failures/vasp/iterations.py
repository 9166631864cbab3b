"""Errors in the ionic steps, in the electronic iterations and in the occupations."""

from __future__ import annotations

from ..cures import ALL, MORE_BANDS, NO_SYMMETRY, NORMAL, SMALLER_STEPS, Cure, Limit, Set
from ..kinds import Kind, Weight

_FATAL, _WARNING, _HINT = Weight.FATAL, Weight.WARNING, Weight.HINT

ITERATIONS = (
    # Moving the ions
    Kind(
        'ZBRENT',
        ('ZBRENT: fatal (?:error|internal)',),
        'the line search of IBRION = 2 failed: continue from the last geometry with a '
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
        cures=(SMALLER_STEPS, NO_SYMMETRY),
    ),
    Kind(
        'FEXCF',
        (r'ERROR FEXC[FP]', 'supplied exchange-?correlation table'),
        'the density is too high somewhere: look for atoms too close to each other, or take '
        'smaller steps (POTIM)',
        _FATAL,
        cures=(SMALLER_STEPS,),
    ),
    # Electronic iterations
    Kind(
        'EDDDAV',
        ('Error EDDDAV',),
        'the diagonalisation failed: ALGO = All, or other numbers of bands and cores; look at '
        'the geometry',
        _FATAL,
        cures=(ALL,),
    ),
    Kind(
        'EDDRMM',
        ('in EDDRMM: call to ZHEGV',),
        'RMM-DIIS is not stable here: ALGO = Normal; then smaller steps (POTIM); look at the '
        'geometry',
        _WARNING,
        cures=(NORMAL, SMALLER_STEPS),
    ),
    Kind(
        'EDDIAG',
        ('ERROR:? (?:in )?EDDIAG',),
        'the diagonalisation in the subspace failed: ALGO = Normal, then Exact',
        _FATAL,
        cures=(NORMAL, Cure((Set('ALGO', 'Exact'),))),
    ),
    Kind(
        'PSSYEVX',
        ('subspace rotation P[SD]SYEVX', 'P[SD]SYEVX failed'),
        'the diagonalisation of scaLAPACK failed: ALGO = Normal, or LSCALAPACK = .FALSE.',
        _FATAL,
        cures=(NORMAL, Cure((Set('LSCALAPACK', False),))),
    ),
    Kind(
        'PZSTEIN',
        ('PZSTEIN parameter', 'PZUNMTR parameter'),
        'a routine of scaLAPACK failed: LSCALAPACK = .FALSE., or another number of cores',
        _FATAL,
        cures=(Cure((Set('LSCALAPACK', False),)),),
    ),
    Kind(
        'EDWAV',
        ('EDWAV: internal error',),
        'ALGO = All or Damped fails here, mostly with the tetrahedron method (ISMEAR = -5) or by '
        'the optimisation of the compiler: ALGO = Normal',
        _FATAL,
        cures=(NORMAL,),
    ),
    Kind(
        'BRMIX',
        ('BRMIX: very serious problems',),
        'the mixing loses electrons: IMIX = 1 or smaller AMIX and BMIX, then ISYM = 0; do not use '
        'an old CHGCAR',
        _WARNING,
        cures=(Cure((Set('IMIX', 1),)), NO_SYMMETRY),
    ),
    Kind(
        'SUB-SPACE-MATRIX',
        ('Sub-Space-Matrix is not hermitian',),
        'the diagonalisation loses accuracy: ALGO = All; other NCORE or fewer cores; LREAL = '
        '.FALSE. (changes the energy)',
        _WARNING,
        cures=(ALL,),
    ),
    Kind(
        'CNORMN',
        ('WARNING: CNORMN',),
        'the search directions are not normalised: ALGO = Normal',
        _WARNING,
        cures=(NORMAL,),
    ),
    Kind(
        'FOCK_ACC',
        ('error in FOCK_ACC',),
        'the exact exchange ran out of memory: fewer bands at a time (NBLK), more memory',
        _FATAL,
    ),
    # Bands and occupations
    Kind(
        'NBANDS NOT SUFFICIENT',
        ('number of bands is not sufficient', 'NBANDS .{0,30}too small'),
        'the bands cannot hold all electrons: leave NBANDS out or increase it',
        _FATAL,
        cures=(MORE_BANDS,),
    ),
    Kind(
        'TOO FEW BANDS',
        ('TOO FEW BANDS', 'highest band is occupied at some k-?points'),
        'the highest band is occupied, and the energy of a metal is wrong: increase NBANDS',
        _WARNING,
        cures=(MORE_BANDS, MORE_BANDS),
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
        'no Fermi level was found for this smearing: ISMEAR = 0 (changes the energy), more bands',
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
        'ALGO = All fails with tetrahedra: ALGO = Normal, or ISMEAR = 0 (changes the energy)',
        _HINT,
        cures=(NORMAL,),
    ),
)
