"""The calculations of a run before it is submitted: the inputs that VASP would get for each.

aiida-vasp itself makes them, in a work chain and a calculation that are not stored.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiida.common.folders import SandboxFolder
from aiida.engine.runners import Runner
from aiida.orm import StructureData
from aiida_vasp.calcs.vasp import VaspCalculation
from aiida_vasp.data.potcar import PotcarData
from aiida_vasp.utils.workchains import prepare_process_inputs

from ..vasp.work_chain import VaspWorkChain
from .prerelax.screening import PHASE, phase_inputs, screening_phases, screens
from .prerelax.stage import RULE, prerelaxation_inputs, prerelaxes
from .relaxation_inputs import relaxation_inputs, slab_inputs

#: The files that are kept; POTCAR is licensed and stays out.
FILES = ('INCAR', 'KPOINTS', 'POSCAR')

_VALENCE = re.compile(rb'ZVAL\s*=\s*([0-9.]+)')


class CannotPlanError(ValueError):
    """aiida-vasp refuses the inputs of a calculation; the message says why."""


@dataclass(frozen=True)
class PlannedCalculation:
    """The first calculation of a VaspWorkChain.

    :ivar label: the label of the slab, or another name.
    :ivar structure: the slab, or another structure.
    :ivar incar: the tags in capitals with their values, as written.
    :ivar files: the content of INCAR, KPOINTS and POSCAR, by name.
    :ivar script: the submit script.
    :ivar potentials: the title of the potential of each kind.
    :ivar symbols: the name of each potential in the order of POTCAR, such as ``Fe_pv``.
    :ivar electrons: the number of valence electrons.
    :ivar mesh: the mesh of k-points, None for a list of points.
    :ivar n_fixed: the number of sites that are fixed in all directions.
    :ivar options: the options of the calculation: resources, queue, wall time, ….
    """

    label: str
    structure: StructureData
    incar: dict[str, str]
    files: dict[str, str]
    script: str
    potentials: dict[str, str]
    symbols: list[str]
    electrons: float
    mesh: list[int] | None
    n_fixed: int
    options: dict[str, Any]


def plan_calculations(
    inputs: Mapping[str, Any],
    slabs: Mapping[str, StructureData],
    symmetry: Mapping[str, bool],
) -> Iterator[PlannedCalculation]:
    """Yield the first calculation of each slab; nothing is stored.

    :param inputs: the inputs of the work chain as nodes.
    :param slabs: all slabs, by label.
    :param symmetry: whether the faces of each slab are equivalent, if known.
    :raises CannotPlanError: if aiida-vasp refuses the inputs of a slab.
    """
    shared = dict(inputs['vasp'])
    for label, slab in sorted(slabs.items()):
        own = _own(slab_inputs(inputs, shared, label, slab, symmetry), shared)
        yield plan_calculation(label, relaxation_inputs(inputs, shared, own, label, slab))


@dataclass(frozen=True)
class PlannedPrerelaxations:
    """The first calculations of pre-relaxations.

    :ivar code: the label of their code.
    :ivar slabs: those of slabs.
    :ivar phases: those of the phases with which pre-relaxed slabs are compared, if they are.
    """

    code: str
    slabs: list[PlannedCalculation]
    phases: list[PlannedCalculation]


def plan_prerelaxations(
    inputs: Mapping[str, Any],
    slabs: Mapping[str, StructureData],
    symmetry: Mapping[str, bool],
) -> PlannedPrerelaxations | None:
    """Return the first calculations of pre-relaxations, if there are any.

    The parameters are as above.
    """
    if not prerelaxes(inputs):
        return None
    return PlannedPrerelaxations(
        inputs['prerelax']['code'].full_label,
        list(_plan_prerelaxed_slabs(inputs, slabs, symmetry)),
        list(_plan_phases(inputs)) if screens(inputs) and len(slabs) > 1 else [],
    )


def _plan_phases(inputs: Mapping[str, Any]) -> Iterator[PlannedCalculation]:
    shared = dict(inputs['prerelax'])
    for phase, structure in screening_phases(inputs).items():
        yield plan_calculation(f'{PHASE}{phase}', phase_inputs(shared, phase, structure))


def _plan_prerelaxed_slabs(
    inputs: Mapping[str, Any],
    slabs: Mapping[str, StructureData],
    symmetry: Mapping[str, bool],
) -> Iterator[PlannedCalculation]:
    shared = dict(inputs['prerelax'])
    for label, slab in sorted(slabs.items()):
        dynamics = slab_inputs(inputs, inputs['vasp'], label, slab, symmetry).get('dynamics')
        own = _own(slab_inputs({RULE: inputs[RULE]}, shared, label, slab, symmetry), shared)
        given = prerelaxation_inputs(shared, own, label, slab, dynamics)
        yield plan_calculation(label, given)


def _own(inputs: Mapping[str, Any], shared: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs of a slab that are not the shared ones; None removes a shared one."""
    own = {name: node for name, node in inputs.items() if node is not shared.get(name)}
    return own | {name: None for name in shared if name not in inputs}


def plan_calculation(label: str, inputs: Mapping[str, Any]) -> PlannedCalculation:
    """Return the first calculation of a VaspWorkChain; nothing is stored.

    :param label: its name.
    :param inputs: the inputs of the VaspWorkChain.
    :raises CannotPlanError: if aiida-vasp refuses them.
    """
    structure = inputs['structure']
    unstored = {**inputs.get('metadata', {}), 'store_provenance': False}
    runner = Runner(communicator=None)  # not closed, which would end the event loop of AiiDA
    chain = VaspWorkChain(
        inputs={**inputs, 'metadata': unstored}, runner=runner, enable_persistence=False
    )
    chain.setup()
    if (exit_code := chain.init_inputs()) is not None:
        raise CannotPlanError(f'{label}: {exit_code.message}')
    chain.prepare_inputs()
    prepared = prepare_process_inputs(chain.ctx.inputs, namespaces=['monitors'])
    prepared['metadata'] = {**prepared['metadata'], 'store_provenance': False, 'dry_run': True}
    calculation = VaspCalculation(inputs=prepared, runner=runner, enable_persistence=False)
    with SandboxFolder() as folder:
        calculation.presubmit(folder)
        written = Path(folder.abspath)
        files = {name: (written / name).read_text(encoding='utf-8') for name in FILES}
        script = written / calculation.node.get_option('submit_script_filename')
        text = script.read_text(encoding='utf-8')
    potentials = dict(prepared['potential'])
    kinds = [site.kind_name for site in structure.sites]
    valences = {kind: _valence(potentials[kind]) for kind in dict.fromkeys(kinds)}
    dynamics = prepared['dynamics'].get_dict() if 'dynamics' in prepared else {}
    return PlannedCalculation(
        label=label,
        structure=structure,
        incar=_tags(files['INCAR']),
        files=files,
        script=text,
        potentials={kind: potcar.title for kind, potcar in potentials.items()},
        symbols=[potentials[kind].symbol for kind in dict.fromkeys(kinds)],
        electrons=sum(valences[kind] for kind in kinds),
        mesh=prepared['kpoints'].base.attributes.get('mesh', None),
        n_fixed=sum(not any(free) for free in dynamics.get('positions_dof', [])),
        options=dict(prepared['metadata']['options']),
    )


def _tags(incar: str) -> dict[str, str]:
    """Return the tags of an INCAR that aiida-vasp has written, one on each line."""
    lines = (line.partition('=') for line in incar.splitlines() if '=' in line)
    return {tag.strip(): value.strip() for tag, _, value in lines}


def _valence(potential: PotcarData) -> float:
    """Return the number of valence electrons of a potential, from its header."""
    found = _VALENCE.search(potential.get_content())
    if found is None:
        raise CannotPlanError(f'the potential {potential.title} has no ZVAL')
    return float(found[1])
