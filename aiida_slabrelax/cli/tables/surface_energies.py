"""The results of the workflows of surface energies as tables; every number has its unit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aiida.orm import ProcessNode

from ...energetics import EnergyPerArea
from ...engine.damaged import reads_node
from ...results.costs.amounts import total_of
from ...results.costs.reading import costs_of
from ...results.energies.convergence import read_convergence
from ...results.energies.surface_energies import Surface, read_surfaces
from ...results.faces import name_faces
from ...results.relaxations.programs import describe_programs, programs_of_run
from ...results.runs import runs_in
from ...surfaces import format_plane
from ...visible import visible
from ..errors import one_line
from ..for_programs import to_csv, to_json, with_units_in_keys
from ..printing import lines, table
from . import costs

#: The meaning of a negative surface energy.
NEGATIVE = (
    'A negative γ means that cutting gains energy: at these chemical potentials (Δμ = 0, unless γ '
    'is a constant) the bulk is not stable, or the settings of bulk and slabs do not match.'
)

_NUMBERS = ('thickness\n(Å)', 'γ\n(J/m²)', 'γ\n(eV/Å²)', 'relaxation\n(J/m²)')

_HEADINGS = (
    *('label', 'plane', 'outermost\nlayers', 'symmetric', 'stoichio-\nmetric', 'polar', 'slab'),
    *_NUMBERS,
)

#: The exit status of a run of which some parts, perhaps slabs, have failed.
SOME_PARTS_FAILED = 402

#: The workflow whose table is by termination and thickness.
CONVERGENCE = 'aiida.workflows:slabrelax.converge_thickness'

#: The workflows that compute surface energies.
WORKFLOWS = (
    'aiida.workflows:slabrelax.surface_energies',
    CONVERGENCE,
    'aiida.workflows:slabrelax.retry_surface_energies',
)


@reads_node
def as_table(node: ProcessNode) -> str:
    """Return the surface energies of a run of ``surface_energies``."""
    outputs = _read(node)
    rows, notes = [], []
    for surface in _surfaces(outputs):
        label, gamma = surface.label, surface.energy
        relaxation = surface.described.get('relaxation', {}).get('per_area', {})
        rows.append(
            [
                label,
                *_termination(surface),
                surface.formula,
                _number(surface.termination.get('thickness'), 2),
                f'{gamma.constant.j_per_m2:.4f}',
                f'{gamma.constant.ev_per_a2:.5f}',
                _number(relaxation.get('J/m²'), 4),
            ]
        )
        if gamma.slopes_per_a2:
            terms = ' '.join(
                f'{EnergyPerArea(slope).j_per_m2:+.4f}·Δμ({element})'
                for element, slope in gamma.slopes_per_a2.items()
            )
            notes.append(f'{label}: γ = {gamma.constant.j_per_m2:.4f} {terms} J/m², Δμ in eV')
        notes += [f'{label}: {remark}' for remark in surface.described['remarks']]
        if not gamma.symmetric:
            notes.append(f'{label}: {gamma.meaning}')
    if any(float(surface.energy.constant.ev_per_a2) < 0 for surface in _surfaces(outputs)):
        notes.append(NEGATIVE)
    blocks = [table(rows, _HEADINGS, _NUMBERS)] if rows else ['No surface energies.']
    return '\n\n'.join([*blocks, *_notes(outputs, notes), *_last_lines(node)])


@reads_node
def as_convergence(node: ProcessNode) -> str:
    """Return the surface energies of a run of ``converge_thickness``, by termination."""
    outputs = _read(node)
    blocks, convergence = [], outputs.get('convergence', {})
    for termination in read_convergence(convergence, outputs.get('surface_energies', {})):
        residuals = termination.residuals_mev or [None] * len(termination.labels)
        rows = [
            [label, str(n_atoms), _number(thickness, 2), f'{gamma:.4f}', _number(residual, 3)]
            for label, n_atoms, thickness, gamma, residual in zip(
                termination.labels,
                termination.n_atoms,
                termination.thickness_a,
                termination.plain_j_per_m2,
                residuals,
                strict=True,
            )
        ]
        numbers = ['atoms', 'thickness\n(Å)', 'γ, plain\n(J/m²)', 'residual\n(meV)']
        blocks.append(
            '\n'.join(
                [
                    visible(f'Termination {termination.identity}:'),
                    table(rows, ['label', *numbers], numbers),
                    visible(_describe_fit(convergence[termination.identity])),
                ]
            )
        )
    blocks = blocks or ['No surface energies.']
    return '\n\n'.join([*blocks, *_notes(outputs, []), *_last_lines(node)])


def as_text(node: ProcessNode) -> str:
    """Return the table of a run, whichever workflow it is of."""
    convergence = node.process_type == CONVERGENCE or 'convergence' in node.outputs
    return as_convergence(node) if convergence else as_table(node)


def as_dict(node: ProcessNode) -> dict[str, Any]:
    """Return a run with its surface energies; the keys of quantities end in their units."""
    outputs = _read(node)
    state = node.process_state
    return {
        'process': node.process_label,
        'pk': node.pk,
        'uuid': node.uuid,
        'state': 'created' if state is None else state.value,
        'exit_status': node.exit_status,
        'exit_message': node.exit_message,
        'programs': programs_of_run(node),
        'runs': [run.pk for run in runs_in(node)],
        'cost': costs.as_dict(costs_of(node)),
        'surface_energies': [_entry(surface) for surface in _surfaces(outputs)],
        'refused': outputs.get('refused', {}),
        'convergence': with_units_in_keys(outputs.get('convergence', {})),
        'stability': with_units_in_keys(outputs['stability']) if 'stability' in outputs else None,
    }


def as_json(node: ProcessNode) -> str:
    """Return :func:`as_dict` as JSON."""
    return to_json(as_dict(node))


def as_csv(node: ProcessNode) -> str:
    """Return one line for each slab below a line of keys; unknown values are empty."""
    content = as_dict(node)
    elements = sorted(
        {name for entry in content['surface_energies'] for name in entry['slopes_per_angstrom2']}
    )
    rows = []
    for entry in content['surface_energies']:
        slopes, remarks = entry.pop('slopes_per_angstrom2'), entry.pop('remarks')
        slopes = {f'slope_{name}_per_angstrom2': slopes.get(name, 0.0) for name in elements}
        program = '; '.join(content['programs']) or None
        rest = {'program': program, 'remarks': '; '.join(remarks), 'refused': None}
        rows.append({**entry, **slopes, **rest})
    keys = list(rows[0]) if rows else ['label', 'refused']
    rows += [{'label': label, 'refused': why} for label, why in content['refused'].items()]
    return to_csv(keys, rows).removesuffix('\n')


def _entry(surface: Surface) -> dict[str, Any]:
    gamma, termination = surface.energy, surface.termination
    thickness = termination.get('thickness')
    relaxation = surface.described.get('relaxation', {}).get('energy', {}).get('eV')
    return {
        'label': surface.label,
        'plane': None if surface.plane is None else format_plane(surface.plane),
        'outermost_layers': name_faces(termination),
        'symmetric': termination.get('symmetric'),
        'stoichiometric': termination.get('stoichiometric'),
        'polar': termination.get('polar'),
        'tasker': termination.get('tasker'),
        'broken_bonds_per_angstrom2': _rounded(termination.get('broken_bonds'), 6),
        'identity': termination.get('identity'),
        'formula': surface.formula,
        'area_angstrom2': _rounded(surface.area_a2, 6),
        'thickness_angstrom': _rounded(thickness, 4),
        'surface_energy_j_per_m2': _rounded(gamma.constant.j_per_m2, 6),
        'surface_energy_ev_per_angstrom2': _rounded(gamma.constant.ev_per_a2, 8),
        'slopes_per_angstrom2': {
            element: _rounded(slope, 8) for element, slope in gamma.slopes_per_a2.items()
        },
        'eliminated': gamma.eliminated,
        'meaning': gamma.meaning,
        'relaxation_energy_ev': _rounded(relaxation, 6),
        'remarks': list(surface.described.get('remarks', ())),
    }


def _rounded(value: Any, digits: int) -> float | None:
    return None if value is None else round(float(value), digits)


def _describe_fit(entry: dict[str, Any]) -> str:
    if 'fit' not in entry:
        return f'No fit: {entry["refused"]}'
    fit = entry['fit']
    gamma, error = fit['surface_energy']['constant']['J/m²'], fit['standard_error']['eV/Å²']
    spread = '' if error is None else f' ± {EnergyPerArea(error).j_per_m2:.4f}'
    off = 1000 * entry['bulk_energy_less_fit']['eV per formula unit']
    return (
        f'γ, fitted: {gamma:.4f}{spread} J/m²; E_bulk(computed) − E_bulk(fit) = {off:+.3f} meV per '
        'formula unit'
    )


def _read(node: ProcessNode) -> dict[str, Any]:
    """Return the dictionaries among the outputs of a run as plain values."""
    outputs: Any = node.outputs
    names = ('surface_energies', 'refused', 'terminations', 'convergence', 'stability')
    return {name: outputs[name].get_dict() for name in names if name in outputs}


def _surfaces(outputs: dict[str, Any]) -> tuple[Surface, ...]:
    return read_surfaces(outputs.get('surface_energies', {}), outputs.get('terminations', {}))


def _notes(outputs: dict[str, Any], notes: list[str]) -> Iterator[str]:
    if refused := outputs.get('refused', {}):
        notes = [*notes, *(f'{label}: refused: {reason}' for label, reason in refused.items())]
    if notes:
        yield lines(notes)


def _last_lines(node: ProcessNode) -> Iterator[str]:
    """Yield by what the energies were made, what to do about failures, and how the run ended."""
    if line := describe_programs(programs_of_run(node)):
        yield visible(line)
    if line := costs.cost_line(total_of(costs_of(node))):
        yield line
    if node.is_finished and node.exit_status == SOME_PARTS_FAILED:
        yield f'`aiida-slabrelax retry {node.pk}` runs the failed slabs again.'
    yield visible(_describe_end(node))


def _describe_end(node: ProcessNode) -> str:
    name = f'{node.process_label}<{node.pk}>'
    if not node.is_terminated:
        return f'{name} has not ended'
    if not node.is_finished:
        state = node.process_state.value if node.process_state else 'unknown'
        return f'{name} {state}: {one_line(node.exception or node.process_status or "")}'
    message = f' {one_line(node.exit_message)}' if node.exit_message else ''
    return f'{name} finished [{node.exit_status}]{message}'


def _termination(surface: Surface) -> Iterator[str]:
    """Yield what identifies the termination of a slab."""
    yield '–' if surface.plane is None else format_plane(surface.plane)
    yield name_faces(surface.termination) or '–'
    for name in ('symmetric', 'stoichiometric', 'polar'):
        value = surface.termination.get(name)
        yield {True: 'yes', False: 'no', None: '–'}.get(value) or str(value)


def _number(value: float | None, digits: int) -> str:
    return '–' if value is None else f'{value:.{digits}f}'
