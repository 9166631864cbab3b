"""Errors in the potentials and the other inputs."""

from __future__ import annotations

from ..cures import NO_SYMMETRY, Cure, Limit, Set
from ..kinds import Kind, Weight

_FATAL, _HINT = Weight.FATAL, Weight.HINT

INPUTS = (
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
        cures=(NO_SYMMETRY,),
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
        'a tag of the INCAR has a value that VASP cannot read: correct it; the last lines name it',
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
        'ICHARG ≥ 10 keeps the density fixed, which is wrong in a relaxation: leave it out',
        _FATAL,
    ),
    Kind(
        'WAVECAR',
        ('while reading (?:plane|WAVECAR|eigenvalues)', 'ERROR: while reading WAVECAR'),
        'the WAVECAR is from another calculation or damaged: begin without it (ISTART = 0)',
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
