from typing import Any

import pytest

from aiida_slabrelax.failures import MACHINE_FAILURES, OUTCOMES, VASP_ERRORS, describe_changes
from aiida_slabrelax.failures.cures import Change, Cure, Limit, Scale, Set

#: What decides the energy: no cure may touch it.
DECIDES_THE_ENERGY = {
    'PREC',
    'ENCUT',
    'ENAUG',
    'GGA',
    'METAGGA',
    'LHFCALC',
    'IVDW',
    'ISMEAR',
    'SIGMA',
    'LREAL',
    'KSPACING',
    'LDAU',
    'ISPIN',
    'NUPDOWN',
    'NELECT',
}
KINDS = (*VASP_ERRORS, *MACHINE_FAILURES, *OUTCOMES)


@pytest.mark.parametrize(
    ('change', 'incar', 'expected'),
    [
        (Set('IBRION', 1), {'ibrion': 2}, {'ibrion': 1}),
        (Set('IBRION', 1), {'ibrion': 1}, {}),
        (Set('ALGO', 'Normal', 'Normal'), {}, {}),
        (Set('ALGO', 'Normal', 'Normal'), {'algo': 'NORMAL'}, {}),
        (Set('ALGO', 'All', 'Normal'), {}, {'algo': 'All'}),
        (Limit('EDIFF', '≤', 1e-6, 1e-4), {}, {'ediff': 1e-6}),
        (Limit('EDIFF', '≤', 1e-6, 1e-4), {'ediff': 1e-5}, {'ediff': 1e-6}),
        (Limit('EDIFF', '≤', 1e-6, 1e-4), {'ediff': 1e-7}, {}),
        (Limit('NELMIN', '≥', 8, 2), {}, {'nelmin': 8}),
        (Limit('NELMIN', '≥', 8, 2), {'nelmin': 10}, {}),
        (Scale('POTIM', 0.5, 0.5), {}, {'potim': 0.25}),
        (Scale('POTIM', 0.5, 0.5), {'potim': 0.1}, {'potim': 0.05}),
        (Scale('NBANDS', 1.1), {}, {}),
        (Scale('NBANDS', 1.1), {'nbands': 100}, {'nbands': 110}),
        (Scale('NBANDS', 1.1), {'nbands': 4}, {'nbands': 5}),
    ],
)
def test_a_change_gives_what_is_new(
    change: Change, incar: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert change.apply(incar) == expected


def test_a_cure_makes_its_changes_together() -> None:
    cure = Cure((Set('IBRION', 1), Limit('EDIFF', '≤', 1e-6, 1e-4)))
    assert cure.apply({'ibrion': 2, 'ediff': 1e-5}) == {'ibrion': 1, 'ediff': 1e-6}
    assert str(cure) == 'IBRION = 1, EDIFF ≤ 1e-6'


def test_changes_are_written_as_in_an_incar() -> None:
    changes = {'ibrion': 1, 'ediff': 1e-6, 'lscalapack': False, 'potim': 0.25}
    assert describe_changes(changes) == (
        'IBRION = 1, EDIFF = 1e-6, LSCALAPACK = .FALSE., POTIM = 0.25'
    )


@pytest.mark.parametrize('kind', KINDS, ids=lambda kind: kind.name)
def test_no_cure_changes_what_decides_the_energy(kind: Any) -> None:
    changed = {change.tag for cure in kind.cures for change in cure.changes}
    assert not changed & DECIDES_THE_ENERGY
