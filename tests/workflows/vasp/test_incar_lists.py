"""Lists in the INCAR against the sites and kinds of a slab."""

from __future__ import annotations

from typing import Any

import pytest
from aiida.orm import StructureData

from aiida_slabrelax.workflows.vasp.incar_lists import check_lists


def oxide(*kinds: str) -> StructureData:
    """Sites of these kinds, one above the other."""
    node = StructureData(cell=[[3.0, 0, 0], [0, 3.0, 0], [0, 0, 20.0]])
    for number, kind in enumerate(kinds):
        symbol = kind.rstrip('0123456789')
        node.append_atom(position=(0, 0, 2.0 * number), symbols=symbol, name=kind)
    return node


IRON = ('Fe1', 'Fe1', 'Fe2', 'O', 'O', 'O')


@pytest.mark.parametrize(
    'incar',
    [
        {},
        {'magmom': [5, 5, -5, 0, 0, 0]},
        {'magmom': '2*5.0 -5 3*0.6'},
        {'magmom': ['2*5.0', '-5', '3*0.6']},
        {'magmom': [0.0] * 18, 'lnoncollinear': True},
        {'magmom': '18*0', 'lsorbit': True},
        {'ldauu': [4.0, 4.0, 0.0], 'ldaul': [2, 2, -1], 'ldauj': '0 0 0'},
    ],
)
def test_lists_that_fit(incar: dict[str, Any]) -> None:
    assert list(check_lists(incar, oxide(*IRON))) == []


@pytest.mark.parametrize(
    ('incar', 'message'),
    [
        ({'magmom': [5, -5, 0.6]}, 'MAGMOM has 3 values and needs 6, one for each of 6 sites'),
        ({'magmom': 5.0}, 'MAGMOM has 1 values and needs 6'),
        ({'magmom': '7*1'}, 'MAGMOM has 7 values and needs 6'),
        ({'magmom': '999999999*1.0'}, 'MAGMOM has 999999999 values and needs 6'),
        ({'magmom': '9' * 6000 + '*1'}, 'MAGMOM has 1000000000000 values and needs 6'),
        ({'magmom': '²*1'}, 'MAGMOM has 1 values and needs 6'),
        ({'magmom': '6*1', 'lsorbit': True}, 'MAGMOM has 6 values and needs 18, three for each'),
        ({'ldauu': [4.0, 0.0]}, 'LDAUU has 2 values and needs 3, for Fe1, Fe2, O'),
        ({'ldaul': '2 2 2 -1'}, 'LDAUL has 4 values and needs 3, for Fe1, Fe2, O'),
    ],
)
def test_lists_that_do_not_fit(incar: dict[str, Any], message: str) -> None:
    (problem,) = check_lists(incar, oxide(*IRON))
    assert problem.startswith(message)


def test_a_kind_that_comes_again_is_another_type_for_vasp() -> None:
    (problem,) = check_lists({'ldauj': [0, 0]}, oxide('Fe', 'O', 'Fe'))
    assert problem.startswith('LDAUJ has 2 values and needs 3, for Fe, O, Fe')
