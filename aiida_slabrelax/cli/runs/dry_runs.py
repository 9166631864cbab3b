"""Dry runs: the slabs of a run and the input files of VASP; nothing is submitted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from aiida.orm import StructureData

from ...calculations.cuts import cut_nodes, nodes_of
from ...calculations.structures import to_pymatgen
from ...results.terminations import Preview, of_survey
from ...surfaces import SlabGenerationError, Survey, describe_planes, split_surfaces
from ...workflows.slab_relax.cautions import cautions
from ...workflows.slab_relax.dry_run import (
    CannotPlanError,
    PlannedCalculation,
    PlannedPrerelaxations,
    plan_calculations,
    plan_prerelaxations,
)
from ...workflows.slab_relax.relaxation_inputs import find_misfit
from ...workflows.slab_relax.work_chain import SlabRelaxWorkChain
from ...workflows.surface_energies.dry_run import plan_run
from ...workflows.vasp.moments import describe_start, warn_about_moments
from .. import printing
from ..errors import one_line, reported
from ..files.input_files import write_input_files
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
    :ivar before: those of pre-relaxations, if there are any.
    :ivar others: those of bulk and references.
    :ivar notes: lines on planes and magnetic moments.
    :ivar warnings: warnings, one line each.
    """

    code: str
    preview: Preview
    planned: list[PlannedCalculation]
    before: PlannedPrerelaxations | None
    others: list[PlannedCalculation]
    notes: list[str]
    warnings: list[str]


def dry_run(builder: Any) -> DryRun:
    """Cut the slabs of a builder and prepare their calculations; nothing is stored.

    :raises click.ClickException: if there are no slabs, or an input does not match them.
    """
    inputs = SlabRelaxWorkChain.spec().inputs.pre_process(builder._inputs(prune=True))
    with _refused():
        found = cut_nodes(inputs)
        slabs, symmetry = nodes_of(found, inputs['bulk_structure'])
        _check_fit(inputs, slabs, symmetry)
        planned = list(plan_calculations(inputs, slabs, symmetry))
        before = plan_prerelaxations(inputs, slabs, symmetry)
    return _describe(inputs, found, planned, before, [])


def dry_run_of_energies(workflow: Any, inputs: Mapping[str, Any]) -> DryRun:
    """Cut the slabs of a run of surface energies and prepare all calculations; nothing is stored.

    :param workflow: the workflow.
    :param inputs: its arguments.
    :raises click.ClickException: if they are not valid, or there are no slabs.
    """
    ports = workflow.spec().inputs
    nodes = ports.pre_process(ports.serialize(inputs))
    if (problem := ports.validate(nodes)) is not None:
        raise click.ClickException(one_line(problem.message))
    with _refused():
        run = plan_run(inputs)
        _check_fit(run.inputs, *nodes_of(run.found, run.inputs['bulk_structure']))
    return _describe(run.inputs, run.found, run.slabs, run.before, run.others)


@contextmanager
def _refused() -> Iterator[None]:
    """Turn refusals of slabs and calculations into errors of the command."""
    with reported(CannotPlanError):
        try:
            yield
        except SlabGenerationError as error:
            raise click.ClickException(describe_refusal(error)) from error


def _check_fit(
    inputs: Mapping[str, Any], slabs: Mapping[str, StructureData], symmetry: Mapping[str, bool]
) -> None:
    """Raise a ``ClickException`` if the inputs do not match the slabs."""
    if (misfit := find_misfit(inputs, slabs, symmetry)) is not None:
        name, values = misfit
        raise click.ClickException(SlabRelaxWorkChain.exit_codes[name].format(**values).message)


def _describe(
    inputs: Mapping[str, Any],
    found: Survey,
    planned: list[PlannedCalculation],
    before: PlannedPrerelaxations | None,
    others: list[PlannedCalculation],
) -> DryRun:
    """Return the whole of a dry run.

    :param inputs: those of a SlabRelaxWorkChain.
    """
    bulk_node, vasp = inputs['bulk_structure'], inputs['vasp']
    bulk, spacing = to_pymatgen(bulk_node), vasp.get('kpoints_spacing')
    preview = of_survey(bulk, found, None if spacing is None else spacing.value)
    planes = inputs['miller_indices'].get_list() if 'miller_indices' in inputs else []
    notes = list(describe_planes(bulk, split_surfaces(planes), inputs['indices_of'].value))
    if (order := describe_start(bulk_node, vasp)) is not None:
        notes.append(order)
    warnings = preview.warning.splitlines() if preview.warning else []
    warnings += [f'vasp.{warning}' for warning in warn_about_moments(bulk_node, vasp)]
    warnings += cautions(planned)
    return DryRun(vasp['code'].full_label, preview, planned, before, others, notes, warnings)


def show(run: DryRun, folder: Path | None, force: bool) -> None:
    """Print a run, and write its input files.

    :param folder: a folder in it for each calculation; None writes nothing.
    :param force: replace existing files.
    :raises click.ClickException: if they cannot be written.
    """
    printing.print_text(f'{describe(run)}\n')
    if folder is not None:
        files = input_files(run)
        for path in write_input_files(files, folder, force=force, option='--write-inputs'):
            printing.print_line(f'Inputs: {path}')


def describe(run: DryRun) -> str:
    """Return the slabs as `preview` shows them, and what VASP would get for each."""
    blocks = [
        terminations.as_text(run.preview),
        calculations.as_text(run.planned, run.code, run.others),
    ]
    if (before := run.before) is not None:
        text = calculations.as_text(before.slabs, before.code, before.phases, 'pre-relaxation')
        blocks.insert(1, text)
    blocks += [printing.lines(run.notes)] if run.notes else []
    blocks += [printing.lines(f'Warning: {warning}' for warning in run.warnings)] * bool(
        run.warnings
    )
    return '\n\n'.join(blocks)


def input_files(run: DryRun) -> dict[str, dict[str, str]]:
    """Return the content of the input files of each calculation by label and name."""
    named = {calculation.label: calculation for calculation in [*run.planned, *run.others]}
    if (before := run.before) is not None:
        named |= {f'{calculation.label}_prerelax': calculation for calculation in before.slabs}
        named |= {calculation.label: calculation for calculation in before.phases}
    return {
        name: {
            **calculation.files,
            POTCAR_SPEC: ''.join(f'{symbol}\n' for symbol in calculation.symbols),
            'submit.sh': calculation.script,
        }
        for name, calculation in named.items()
    }
