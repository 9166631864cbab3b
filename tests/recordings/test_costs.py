"""What runs that VASP itself wrote have cost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiida.orm import CalcJobNode, WorkChainNode
from pymatgen.core import Structure
from pymatgen.io.vasp.outputs import Vasprun

from aiida_slabrelax.results.costs.amounts import Amount, Cost
from aiida_slabrelax.results.costs.reading import cost_of
from aiida_slabrelax.results.relaxations.sources import ionic_steps
from replay_vasp import Recording, needs_recordings, poscar, recording

pytestmark = needs_recordings


def first_structure(played: Recording, folder: Path) -> Structure:
    path = folder / 'vasprun.xml'
    path.write_bytes(played.files['vasprun.xml'])
    return Vasprun(path, parse_dos=False, parse_eigen=False, parse_potcar_file=False).structures[0]


@pytest.mark.parametrize(
    ('name', 'cost', 'steps'),
    [
        (
            'ir100_slab',
            {'seconds': 1239.001, 'cores': 32, 'electronic_steps': 103},
            11,
        ),
        (
            'si_spin_lorbit10',
            {'seconds': 2.864, 'cores': 1, 'electronic_steps': 38},
            5,
        ),
        (
            'si_static_projected',
            {'seconds': 5.694, 'cores': 1, 'electronic_steps': 13},
            1,
        ),
    ],
)
def test_the_cost_in_misc(
    replay: Callable[..., CalcJobNode], tmp_path: Path, name: str, cost: dict[str, Any], steps: int
) -> None:
    played = recording(name)
    node = replay(played, first_structure(played, tmp_path))
    misc = node.outputs.misc.get_dict()
    assert (misc['cost'], ionic_steps(misc)) == (cost, steps)


def test_each_calculation_of_a_relaxation_counts_and_what_was_cut_off_is_unknown(
    replay_relaxation: Callable[..., WorkChainNode], tmp_path: Path
) -> None:
    cut, converged = (recording('cut_off_then_converged', number) for number in (0, 1))
    incar = {'ibrion': 1, 'isif': 3, 'nsw': 20, 'ediffg': 1e-8}
    node = replay_relaxation([cut, converged], first_structure(converged, tmp_path), incar)
    cost = cost_of(node)
    assert cost.calculations == 2
    assert cost.core_hours == Amount(pytest.approx(83.383 * 2 / 3600), unknown=1)
    assert (cost.ionic_steps, cost.electronic_steps) == (Amount(2 + 4), Amount(23 + 39))
    assert cost.describe() == (
        'at least 0.046 core-hours, 6 ionic and 62 electronic steps in 2 calculations; not all is '
        'known of 1 of them'
    )


def test_what_died_before_its_first_step_is_unknown(
    replay_relaxation: Callable[..., WorkChainNode],
) -> None:
    played = recording('died_in_setup')
    incar = {'ibrion': 3, 'isif': 3, 'nsw': 100, 'ediffg': -0.002}
    node = replay_relaxation([played], poscar(played.files['POSCAR']), incar)
    unknown = Amount(unknown=1)
    assert cost_of(node) == Cost(1, unknown, unknown, unknown)
    assert cost_of(node).describe() == 'nothing is known of 1 calculation'
