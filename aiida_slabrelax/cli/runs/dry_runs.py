"""Dry runs: the slabs of a run and the input files of VASP; nothing is stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import click
from aiida.orm import StructureData

from ...calculations.cuts import cut_nodes
from ...calculations.structures import to_pymatgen, to_structure_data
from ...results.terminations import Preview, of_survey
from ...surfaces import SlabGenerationError, describe_planes, split_surfaces
from ...workflows.slab_relax.dry_run import CannotPlanError, PlannedCalculation, plan_calculations
from ...workflows.slab_relax.relaxation_inputs import find_misfit
from ...workflows.slab_relax.work_chain import SlabRelaxWorkChain
from ...workflows.vasp.moments import describe_start, warn_about_moments
from .. import printing
from ..errors import reported
from ..params.slab_options import describe_refusal
from ..tables import calculations, terminations

#: The file that names the potentials, as pymatgen writes it; POTCAR itself is licensed.
POTCAR_SPEC = 'POTCAR.spec'


@dataclass(frozen=True)
class DryRun:
    """A run that is not submitted.

    :ivar code: the label of the code.
    :ivar preview: the slabs.
    :ivar planned: the first calculation of each slab.
    :ivar notes: lines on planes and magnetic moments.
    :ivar warnings: warnings, one line each.
    """

    code: str
    preview: Preview
    planned: list[PlannedCalculation]
    notes: list[str]
    warnings: list[str]


def dry_run(builder: Any) -> DryRun:
    """Cut the slabs of a builder and prepare their calculations; nothing is stored.

    :raises click.ClickException: if there are no slabs, or an input does not match them.
    """
    ports = SlabRelaxWorkChain.spec().inputs
    inputs = ports.pre_process(builder._inputs(prune=True))
    bulk_node = inputs['bulk_structure']
    bulk, vasp = to_pymatgen(bulk_node), inputs['vasp']
    try:
        found = cut_nodes(inputs)
    except SlabGenerationError as error:
        raise click.ClickException(describe_refusal(error)) from error
    spacing = vasp.get('kpoints_spacing')
    preview = of_survey(bulk, found, None if spacing is None else spacing.value)
    slabs: dict[str, StructureData] = {
        slab.label: to_structure_data(slab.structure, bulk_node) for slab in found.terminations
    }
    symmetry = {slab.label: slab.is_symmetric for slab in found.terminations}
    if (misfit := find_misfit(inputs, slabs, symmetry)) is not None:
        name, values = misfit
        raise click.ClickException(SlabRelaxWorkChain.exit_codes[name].format(**values).message)
    with reported(CannotPlanError):
        planned = list(plan_calculations(inputs, slabs, symmetry))
    planes = inputs['miller_indices'].get_list() if 'miller_indices' in inputs else []
    notes = list(describe_planes(bulk, split_surfaces(planes), inputs['indices_of'].value))
    if (order := describe_start(bulk_node, vasp)) is not None:
        notes.append(order)
    warnings = preview.warning.splitlines() if preview.warning else []
    warnings += [f'vasp.{warning}' for warning in warn_about_moments(bulk_node, vasp)]
    return DryRun(vasp['code'].full_label, preview, planned, notes, warnings)


def describe(run: DryRun) -> str:
    """Return the slabs as `preview` shows them, and what VASP would get for each."""
    blocks = [terminations.as_text(run.preview), calculations.as_text(run.planned, run.code)]
    blocks += [printing.lines(run.notes)] if run.notes else []
    blocks += [printing.lines(f'Warning: {warning}' for warning in run.warnings)] * bool(
        run.warnings
    )
    return '\n\n'.join(blocks)


def input_files(run: DryRun) -> dict[str, dict[str, str]]:
    """Return the content of the input files of each slab by label and name."""
    return {
        calculation.label: {
            **calculation.files,
            POTCAR_SPEC: ''.join(f'{symbol}\n' for symbol in calculation.symbols),
            'submit.sh': calculation.script,
        }
        for calculation in run.planned
    }
