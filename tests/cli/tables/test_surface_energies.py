"""The tables of surface energies."""

from __future__ import annotations

import csv
import json
from typing import Any

from aiida.common import LinkType
from aiida.orm import Dict, WorkChainNode
from plumpy import ProcessState

from aiida_slabrelax.cli.tables.surface_energies import (
    NEGATIVE,
    as_convergence,
    as_csv,
    as_json,
    as_table,
    as_text,
)

TERMINATION = {
    'identity': 'O-1-Ti',
    'top': [['O', 0.9], ['Ti', 1.1]],
    'bottom': [['O', 0.9], ['Ti', 1.1]],
    'symmetric': True,
    'stoichiometric': False,
    'polar': 'no',
    'thickness': 10.5,
}


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
        *('slab_00', '–', 'O/Ti', 'yes', 'no', 'no', 'Ti5O10'),
        *('10.50', '1.2500', '0.07802', '-0.1250'),
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


def test_a_negative_surface_energy_is_explained() -> None:
    negative = ended(surface_energies={'slab_00': gamma(-0.5)}, terminations={})
    assert NEGATIVE in as_table(negative).splitlines()
    positive = ended(surface_energies={'slab_00': gamma(0.5)}, terminations={})
    assert NEGATIVE not in as_table(positive)


def test_forms_for_programs() -> None:
    node = ended(
        surface_energies={
            'slab_00': gamma(1.25, slopes={'O': {'1/Å²': -0.05}}),
            'slab_01': gamma(0.1 + 0.2, relaxation={'energy': {'eV': -0.1234567}}),
        },
        terminations={'slab_00': {**TERMINATION, 'miller_indices': [1, 1, 0]}},
        refused={'slab_02': 'The area differs.'},
    )
    content = json.loads(as_json(node))
    assert (content['pk'], content['state'], content['exit_status']) == (node.pk, 'finished', 0)
    first, second = content['surface_energies']
    names = ('plane', 'outermost_layers', 'identity', 'polar', 'thickness_angstrom')
    assert [first[name] for name in names] == ['(110)', 'O/Ti', 'O-1-Ti', 'no', 10.5]
    assert first['slopes_per_angstrom2'] == {'O': -0.05}
    assert second['surface_energy_j_per_m2'] == 0.3
    assert second['relaxation_energy_ev'] == -0.123457
    assert content['refused'] == {'slab_02': 'The area differs.'}
    rows = list(csv.DictReader(as_csv(node).splitlines()))
    assert [row['label'] for row in rows] == ['slab_00', 'slab_01', 'slab_02']
    assert [row['slope_O_per_angstrom2'] for row in rows] == ['-0.05', '0.0', '']
    assert rows[2]['refused'] == 'The area differs.'


def test_a_convergence_has_its_own_table() -> None:
    entry = {
        'labels': ['slab_00'],
        'n_atoms': [15],
        'thickness': {'Å': [10.5]},
        'refused': 'too few',
    }
    node = ended(surface_energies={'slab_00': gamma(1.25)}, convergence={'O-1-Ti': entry})
    assert as_text(node) == as_convergence(node) != as_table(node)


def test_a_failed_slab_can_be_run_again() -> None:
    node = ended(402, '1 of 3 parts failed: slab_01', surface_energies={'slab_00': gamma(1.0)})
    assert as_text(node).splitlines()[-3:] == [
        f'`aiida-slabrelax retry {node.pk}` runs the failed slabs again.',
        '',
        f'surface_energies<{node.pk}> finished [402] 1 of 3 parts failed: slab_01',
    ]
