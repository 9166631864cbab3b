"""Surface energies after the failed slabs of a run have been run again.

Bulk, references and relaxed slabs of the earlier run are taken over.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiida.common.links import LinkType
from aiida.engine import ExitCode, ProcessBuilder
from aiida.orm import (
    Bool,
    CalcFunctionNode,
    CalcJobNode,
    Data,
    Dict,
    Float,
    ProcessNode,
    StructureData,
    WorkChainNode,
)

from ...calculations.fit_thicknesses import fit_thicknesses
from ...calculations.read_settings import read_settings
from ...calculations.surface_energies import calculate_surface_energies
from ...engine.links import creator_of, outputs_of
from ...engine.window import WindowWorkChain
from ...results.costs.amounts import total_of
from ...results.costs.reading import costs_of
from ...results.energies.surface_energies import find_calculation
from ...results.relaxations.screening import excluded_by
from ...results.relaxations.sources import describe_end, describe_failure, find_source
from ...results.runs import name_of, relaxations_of, runs_in, slabs_of
from ..slab_relax.work_chain import SlabRelaxWorkChain
from .outputs import EXIT_CODES, fail
from .runs import settings_of

#: The inputs of `calculate_surface_energies` that `fit_thicknesses` takes too.
_OF_FIT = (
    *('bulk_structure', 'bulk_energy', 'terminations', 'eliminated'),
    *('reference_structures', 'reference_energies'),
    *('competing_structures', 'competing_energies'),
)

#: The label of the link to the run of the slabs.
_SLABS = 'slabs'

#: The outputs that are dictionaries.
_DICTIONARIES = (
    *('surface_energies', 'refused', 'cleavage_energies', 'stability'),
    *('terminations', 'settings', 'convergence'),
)


class RetrySurfaceEnergiesWorkChain(WindowWorkChain):
    """Run failed slabs again and compute the surface energies of all slabs."""

    @classmethod
    def define(cls, spec: Any) -> None:
        """Define inputs, outline, outputs and exit codes."""
        super().define(spec)
        spec.expose_inputs(SlabRelaxWorkChain, namespace='slab_relax')
        meaning = 'The inputs of `{}` in the earlier run.'
        for name, function in (
            ('energies', 'calculate_surface_energies'),
            ('settings', 'read_settings'),
        ):
            help_text = meaning.format(function)
            spec.input_namespace(name, dynamic=True, valid_type=Data, help=help_text)
        spec.input('fit', valid_type=Bool, help='Whether the slabs have several thicknesses.')
        spec.outline(cls.relax_slabs, cls.compute_surface_energies)
        for name in _DICTIONARIES:
            spec.output(name, valid_type=Dict, required=False)
        spec.output('relaxed_bulk', valid_type=StructureData, required=False)
        spec.output('bulk_energy', valid_type=Float, required=False)
        spec.output_namespace('relaxed_slabs', valid_type=StructureData, dynamic=True)
        spec.output_namespace('slab_energies', valid_type=Float, dynamic=True)
        for name, (status, message) in EXIT_CODES.items():
            spec.exit_code(status, name, message=message)

    @classmethod
    def get_builder_retry(cls, node: ProcessNode, **how: Any) -> ProcessBuilder:
        """Return a builder for the failed slabs of a run of surface energies.

        :param node: the earlier run: of ``SurfaceEnergiesWorkChain``,
            ``ConvergeThicknessWorkChain`` or this work chain.
        :param how: the other parameters of ``SlabRelaxWorkChain.get_builder_retry``.
        :raises NotTrustedError: as there.
        :raises ValueError: as there, or if the earlier run has no surface energy.
        """
        return retry_builder(node, SlabRelaxWorkChain.get_builder_retry(node, **how))

    def work_waits(self) -> bool:
        """Return whether something waits to be submitted."""
        return False

    def describe_progress(self) -> str:
        """Return what the work chain waits for."""
        return 'Waiting for the slabs'

    def relax_slabs(self) -> None:
        """Run the failed slabs again."""
        # A worker may have stopped before the child was in its checkpoint.
        run = self.adopt_child(_SLABS)
        if run is None:
            inputs = self.exposed_inputs(SlabRelaxWorkChain, namespace='slab_relax')
            run = self.submit_child(SlabRelaxWorkChain, _SLABS, **inputs)
        self.report(f'running the failed slabs again in SlabRelaxWorkChain<{run.pk}>')
        self.to_context(slabs=run)

    def compute_surface_energies(self) -> ExitCode | None:
        """Compute the surface energies of all slabs that have an energy by now."""
        run: WorkChainNode = self.ctx.slabs
        if cost := total_of(costs_of(run)).describe():
            self.report(f'cost: {cost}')
        relaxed, energies = (
            dict(run.outputs[name]) if name in run.outputs else {}
            for name in ('relaxed_slabs', 'slab_energies')
        )
        energies = {label: energies[label] for label in sorted(relaxed.keys() & energies.keys())}
        given: dict[str, Any] = dict(self.inputs.energies)
        self.out_many({name: given[name] for name in ('terminations',) if name in given})
        self.out_many(
            {'relaxed_bulk': given['bulk_structure'], 'bulk_energy': given['bulk_energy']}
        )
        for label, energy in energies.items():
            self.out(f'relaxed_slabs.{label}', relaxed[label])
            self.out(f'slab_energies.{label}', energy)
        failures = self._failures(run, energies)
        details = '; '.join(f'{label}: {why}' for label, why in failures.items())
        if not energies:
            return fail('ERROR_NO_SLAB_COMPUTED', details=details)
        slabs: dict[str, Any] = {
            'slabs': {label: relaxed[label] for label in energies},
            'energies': energies,
        }
        settings: Any = read_settings(**self._settings(slabs['slabs']))
        self.out('settings', settings)
        results: Any
        results, node = calculate_surface_energies.run_get_node(**given, **slabs, settings=settings)
        if node.exit_status:
            return ExitCode(node.exit_status, '; '.join(filter(None, [node.exit_message, details])))
        self.out_many(results)
        if self.inputs.fit.value:
            shared = {name: given[name] for name in _OF_FIT if name in given}
            fitted: Any = fit_thicknesses(**shared, **slabs)
            self.out_many(fitted)
        if not failures:
            return None
        total = len(energies) + len(failures)
        return fail('ERROR_SOME_PARTS_FAILED', failed=len(failures), total=total, details=details)

    def _settings(self, relaxed: Mapping[str, StructureData]) -> dict[str, Any]:
        """Return the inputs of `read_settings`: of the earlier run, and of all relaxed slabs."""
        given = {name: nodes for name, nodes in self.inputs.settings.items() if name != 'slabs'}
        slabs = {label: settings_of(_calculation_behind(slab)) for label, slab in relaxed.items()}
        return {**given, 'slabs': slabs}

    def _failures(self, run: WorkChainNode, energies: Mapping[str, Float]) -> dict[str, str]:
        """Return why slabs have no energy, by label."""
        relaxations, labels = relaxations_of(run), set(slabs_of(run))
        if 'terminations' in self.inputs.energies:
            labels |= set(self.inputs.energies.terminations.get_dict())
        failures = {}
        for label in sorted(labels - set(energies) - set(excluded_by(run))):
            relaxation = relaxations.get(label)
            if relaxation is None:
                failures[label] = 'it was not run again'
            elif find_source(relaxation) is None:
                failures[label] = describe_failure(relaxation)
            else:
                failures[label] = describe_end(run)
        return failures


def retry_builder(node: ProcessNode, slab_relax: ProcessBuilder) -> ProcessBuilder:
    """Return a builder that runs the failed slabs of a run of surface energies again.

    :param node: the earlier run, also one of ``RetrySurfaceEnergiesWorkChain``.
    :param slab_relax: the builder for its slabs, from ``SlabRelaxWorkChain.get_builder_retry``.
    :raises ValueError: if the earlier run has no surface energy that could be completed.
    """
    try:
        calculation = find_calculation(node)
    except ValueError as error:
        slabs = ', '.join(map(name_of, runs_in(node)))
        hint = f'; its slabs alone can be run again, by a retry of {slabs}' if slabs else ''
        raise ValueError(f'{error}{hint}') from error
    settings = creator_of(calculation.inputs.settings) if 'settings' in calculation.inputs else None
    if not isinstance(settings, CalcFunctionNode):
        raise ValueError(
            f'{calculation.process_label}<{calculation.pk}> has no settings to compare'
        )
    energies = _inputs(calculation)
    for name in ('slabs', 'energies', 'settings'):
        energies.pop(name, None)
    builder = RetrySurfaceEnergiesWorkChain.get_builder()
    builder._update(
        {
            'slab_relax': slab_relax._inputs(prune=True),
            'energies': energies,
            'settings': _inputs(settings),
            'fit': Bool('convergence' in outputs_of(node)),
        }
    )
    return builder


def _inputs(process: CalcFunctionNode) -> dict[str, Any]:
    """Return the inputs of a process, nested by namespace."""
    links = process.base.links.get_incoming(link_type=LinkType.INPUT_CALC)
    nested: dict[str, Any] = links.nested()
    return nested


def _calculation_behind(relaxed: StructureData) -> CalcJobNode:
    """Return the calculation that has relaxed a slab, also if its files were read again."""
    creator = creator_of(relaxed)
    if isinstance(creator, CalcFunctionNode):
        creator = creator_of(creator.inputs.retrieved)
    assert isinstance(creator, CalcJobNode)
    return creator
