"""The messages of VASP and of the machine when a run fails, reduced to the characteristic part."""

from __future__ import annotations

import textwrap
from typing import NamedTuple


class Message(NamedTuple):
    """A message that is printed before a run ends.

    :ivar text: its lines.
    :ivar in_setup: whether the run ends in the setup.
    :ivar box: the letter of the box that VASP 6 draws around it: ``E`` (error), ``W`` (warning), or
        empty.
    """

    text: str
    in_setup: bool = True
    box: str = ''

    def __str__(self) -> str:
        return write_box(self.text, self.box) if self.box else self.text


_LETTERS = {
    'E': 'EEEEEEE  R     R  R     R  OOOOOOO  R     R     ###     ###     ###',
    'W': 'W    W    AA    RRRRR   N    N  II  N    N   GGGG   !!!',
}

#: The messages by the name of the failure.
MESSAGES = {
    'algo-tet': Message(
        ' EDWAV: internal error, the gradient is not orthogonal           1           2', False
    ),
    'brmix': Message(' BRMIX: very serious problems', False),
    'bzints': Message(
        'VERY BAD NEWS! internal error in subroutine BZINTS: Tetrahedron method fails '
        '(number of k-points < 4) 3',
        box='E',
    ),
    'dentet': Message("  WARNING: DENTET: can't reach specified precision", False),
    'edddav': Message(' Error EDDDAV: Call to ZHEGV failed. Returncode =   7 1   8', False),
    'eddrmm': Message(' WARNING in EDDRMM: call to ZHEGV failed, returncode =   8  4  1', False),
    'hnform': Message('HNFORM: k-point generating vectors are incommensurate.', box='E'),
    'ibzkpt': Message(
        ' VERY BAD NEWS! internal error in subroutine IBZKPT:\n'
        ' Reciprocal lattice and k-lattice belong to different class of lattices.     168'
    ),
    'ksymm': Message(
        ' VERY BAD NEWS! internal error in subroutine IBZKPT:\n'
        ' Fatal error: unable to match k-point!       0'
    ),
    'nbands': Message('The number of bands is not sufficient to hold all electrons.', box='E'),
    'posmap': Message(' POSMAP internal error: symmetry equivalent atom not found,'),
    'pricelv': Message(
        'PRICELV: current lattice and primitive lattice are incommensurate within SYMPREC.',
        box='E',
    ),
    'read-error': Message(
        'Error reading item EFERMI from file INCAR. Error code was IERR= 5 ... .', box='E'
    ),
    'real-optlay': Message(' REAL_OPTLAY: internal error (1)        27131        27963'),
    'rhosyg': Message(
        'VERY BAD NEWS! internal error in subroutineRHOSYG:stars are not distinct, '
        'try to increase SYMPREC 1',
        box='E',
    ),
    'set-core-wf': Message(' internal error in SET_CORE_WF: core electrons incorrect 51.0'),
    'sgrcon': Message(
        ' VERY BAD NEWS! internal error in subroutine SGRCON:\n'
        ' Found some non-integer element in rotation matrix       3'
    ),
    'sgrcon-6': Message(
        'VERY BAD NEWS! internal error in subroutineSGRCON:Found some non-integer element in '
        'rotation matrix 3',
        box='E',
    ),
    'subspace': Message(' WARNING: Sub-Space-Matrix is not hermitian in DAV', False),
    'symprec-noise': Message(
        'The determination of the symmetry of your systems shows a strong dependence on the '
        'tolerance parameter SYMPREC.',
        box='W',
    ),
    'too-few-bands': Message(
        'Your highest band is occupied at some k-points! You have included TOO FEW BANDS!!',
        False,
        box='W',
    ),
    'zbrent': Message(
        ' ZBRENT: fatal error in bracketing\n'
        '     please rerun with smaller EDIFF, or copy CONTCAR\n'
        '     to POSCAR and continue',
        False,
    ),
    'walltime': Message(
        'slurmstepd: error: *** JOB 1 ON node CANCELLED AT 2000-01-01T00:00:00 DUE TO TIME LIMIT'
        ' ***',
        False,
    ),
    'out-of-memory': Message(
        'slurmstepd: error: Detected 1 oom-kill event(s) in StepId=1.0 cgroup.', False
    ),
}


def write_box(text: str, letter: str = 'E') -> str:
    """Return a text in a box of VASP 6, in which aiida-vasp looks for messages.

    :param letter: ``E`` for an error, ``W`` for a warning.
    """
    content = [_LETTERS[letter], '', *textwrap.wrap(text, 68), '']
    if letter == 'E':
        content.append('---->  I REFUSE TO CONTINUE WITH THIS SICK JOB ... BYE!!! <----')
    rule = ' ' + '-' * 77
    return '\n'.join([rule, *(f'|     {line:70s}  |' for line in content), rule])
