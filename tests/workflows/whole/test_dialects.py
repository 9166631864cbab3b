"""What real runs write, and how they end, through the daemon: nothing lost, nothing invented."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from aiida.orm import StructureData, WorkChainNode
from ase.calculators.emt import EMT
from ase.optimize import BFGS

from aiida_slabrelax.results.runs import relaxations_of
from aiida_slabrelax.results.slabs import collect
from sample_structures import copper_slabs

#: The forms of the output, by the number of layers of the slab that is written in them.
FORMS = {
    3: ['dos=17', 'symbols'],
    4: ['projected=16', 'hash', 'no-contcar'],
    5: ['foreign', 'dos=4'],
    6: ['stars', 'control'],
    7: ['half-vasprun', 'empty-contcar'],
}

#: How calculations of a slab end, how many, and the exit statuses of its calculations.
ENDS = {
    5: ('no-vasprun', 1, [0]),
    8: ('lstop=2', 1, [702, 0]),
    9: ('labort=2', 1, [702, 0]),
    10: ('killed=1', 1, [700, 0]),
}

#: The slab that an old version of VASP has computed.
OLD = 11


def by_ase(slab: StructureData) -> float:
    """Return the energy (eV) of a slab as ASE itself relaxes it."""
    atoms = slab.get_ase()
    atoms.calc = EMT()
    BFGS(atoms, logfile=None).run(fmax=1e-4)
    return float(atoms.get_potential_energy())


def rules() -> dict[str, str]:
    """Return the environment variables that ask the stand-in for all this."""
    forms = [f'{form}@Cu{n}' for n, several in FORMS.items() for form in several]
    ends = [f'{end}@Cu{n}#{count}' for n, (end, count, _) in ENDS.items()]
    return {
        'VASP_STANDIN_MODEL': 'emt',
        'VASP_STANDIN_DIALECT': ';'.join([*forms, f'version=4@Cu{OLD}']),
        'VASP_STANDIN_FAIL': ';'.join(ends),
    }


def test_nothing_is_lost_and_nothing_invented(
    submit_and_await: Callable[..., WorkChainNode],
    slab_relax_builder: Callable[..., Any],
    tmp_path: Path,
) -> None:
    builder = slab_relax_builder(
        slabs=copper_slabs(*range(3, OLD + 1)),
        incar={'ediffg': -1e-4},
        environment={**rules(), 'VASP_STANDIN_STATE': str(tmp_path)},
    )
    run = submit_and_await(builder, timeout=500)
    check_results(run)
    check_calculations(run)


def check_results(run: WorkChainNode) -> None:
    """Check every energy against ASE, and that the old version is refused by name."""
    assert run.exit_status == 402
    assert 'VASP 4.6.28 is not supported' in run.exit_message
    labels = {f'cu_{n}' for n in range(3, OLD)}
    assert set(run.outputs.slab_energies) == set(run.outputs.relaxed_slabs) == labels
    slabs = {slab.label: slab for slab in collect(run).slabs}
    for label in labels:
        energy = run.outputs.slab_energies[label].value
        assert energy == pytest.approx(by_ase(run.inputs.slabs[label]), abs=1e-6)
        assert run.outputs.relaxed_slabs[label].get_symbols_set() == {'Cu'}
        assert (slabs[label].state, slabs[label].converged) == ('relaxed', True)
        assert slabs[label].max_force is not None
        assert slabs[label].max_force <= 1e-4


def check_calculations(run: WorkChainNode) -> None:
    """Check that what was stopped or cut off went on from its last geometry."""
    relaxations = relaxations_of(run)
    for n, (_, _, statuses) in {**ENDS, OLD: ('', 0, [710])}.items():
        calculations = sorted(relaxations[f'cu_{n}'].called, key=lambda node: node.pk or 0)
        assert [node.exit_status for node in calculations] == statuses
        for before, after in pairwise(calculations):
            assert after.inputs.structure == before.outputs.structure
