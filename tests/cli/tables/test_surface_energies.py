"""The tables of surface energies."""

from __future__ import annotations

from typing import Any

from aiida.common import LinkType
from aiida.orm import Dict, WorkChainNode
from plumpy import ProcessState

from aiida_slabrelax.cli.tables.surface_energies import as_convergence, as_table

TERMINATION = {'identity': 'O-1-Ti', 'thickness': 10.5}


def gamma(value: float, **more: Any) -> dict[str, Any]:
    return {
        'constant': {'J/m²': value, 'eV/Å²': value / 16.02176634},
        'slopes': {},
        'eliminated': None,
        'area': {'Å²': 20.0},
        'slab': 'Ti5O10',
        'remarks': [],
        'meaning': 'of either face',
        **more,
    }


def ended(status: int = 0, message: str | None = None, **outputs: Any) -> WorkChainNode:
    """Return the node of a run with dictionaries as outputs."""
    node = WorkChainNode(process_type='aiida.workflows:slabrelax.surface_energies')
    node.set_process_label('surface_energies')
    node.set_process_state(ProcessState.FINISHED)
    node.set_exit_status(status)
    node.set_exit_message(message)
    node.store()
    for name, content in outputs.items():
        Dict(content).store().base.links.add_incoming(node, LinkType.RETURN, name)
    return node


def test_a_slab_that_depends_on_chemical_potentials() -> None:
    node = ended(
        surface_energies={
            'slab_00': gamma(
                1.25,
                slopes={'O': {'1/Å²': -0.05}},
                meaning='mean of both faces',
                remarks=['it is odd'],
                relaxation={'per_area': {'J/m²': -0.125}},
            )
        },
        terminations={'slab_00': TERMINATION},
        refused={'slab_01': 'The area differs.'},
    )
    lines = as_table(node).splitlines()
    assert lines[3].split() == [
        *('slab_00', 'O-1-Ti', 'Ti5O10', '10.50', '1.2500', '0.07802', '-0.1250')
    ]
    assert lines[5:] == [
        'slab_00: γ = 1.2500 -0.8011·Δμ(O) J/m², Δμ in eV',
        'slab_00: it is odd',
        'slab_00: mean of both faces',
        'slab_01: refused: The area differs.',
        '',
        f'surface_energies<{node.pk}> finished [0]',
    ]


def test_a_run_without_any_surface_energy() -> None:
    node = ended(403, 'The bulk has no energy: it crashed')
    end = f'surface_energies<{node.pk}> finished [403] The bulk has no energy: it crashed'
    assert as_table(node) == as_convergence(node) == f'No surface energies.\n\n{end}'


def test_a_termination_without_fit() -> None:
    node = ended(
        surface_energies={'slab_00_4': gamma(1.5)},
        convergence={
            'O-1-Ti': {
                'labels': ['slab_00_4'],
                'n_atoms': [4],
                'thickness': {'Å': [7.25]},
                'refused': 'A line needs two.',
            }
        },
    )
    lines = as_convergence(node).splitlines()
    assert lines[0] == 'Termination O-1-Ti:'
    assert lines[4].split() == ['slab_00_4', '4', '7.25', '1.5000', '–']
    assert lines[5] == 'No fit: A line needs two.'


def test_an_active_run() -> None:
    node = WorkChainNode(process_type='aiida.workflows:slabrelax.surface_energies')
    node.set_process_label('surface_energies')
    node.set_process_state(ProcessState.WAITING)
    node.store()
    assert as_table(node) == f'No surface energies.\n\nsurface_energies<{node.pk}> has not ended'
