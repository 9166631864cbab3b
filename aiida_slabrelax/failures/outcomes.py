"""Kinds of ends without an error and without convergence."""

from __future__ import annotations

from .cures import Cure, Limit, Set
from .kinds import Kind, Repeat, Weight

STOPPED = Kind(
    'STOPPED',
    ('(?:soft|hard) stop encountered',),
    'a STOPCAR (LSTOP or LABORT) ended it: continue from the last geometry',
    Weight.REASON,
    Repeat.IF_MOVED,
    cures=(Cure(keeps_orbitals=True), Cure(keeps_orbitals=True)),
)

NSW_REACHED = Kind(
    'NSW REACHED',
    (),
    'the ions did not converge in NSW steps: continue from the last geometry',
    Weight.REASON,
    Repeat.IF_MOVED,
    cures=(Cure(keeps_orbitals=True), Cure(keeps_orbitals=True)),
)

NELM_REACHED = Kind(
    'NELM REACHED',
    (),
    'the electrons did not converge in NELM iterations: ALGO = All and a larger NELM; look at '
    'the geometry and the magnetic moments',
    Weight.REASON,
    cures=(Cure((Set('ALGO', 'All', 'Normal'), Limit('NELM', '≥', 200, 60))),),
)

#: All of them. Those without a pattern are recognised by the numbers of steps.
OUTCOMES = (STOPPED, NSW_REACHED, NELM_REACHED)
