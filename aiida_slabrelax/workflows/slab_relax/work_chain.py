"""The work chain that cuts and relaxes every termination of a crystal surface."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from aiida.engine import ExitCode, if_, while_
from aiida.engine.processes.workchains.awaitable import Awaitable
from aiida.orm import Dict, Float, ProcessNode, WorkChainNode, load_node

from ...calculations.gather_energies import EnergyNotFoundError, find_energy, gather_energies
from ...calculations.generate_slabs import generate_slabs
from ...engine.children import find_child
from ...engine.links import read_once
from ...results.costs.amounts import total_of
from ...results.costs.reading import costs_of
from ...results.generators import known_symmetry
from ...results.relaxations.magnetic_order import find_lost_order
from ...results.relaxations.sources import describe_end, describe_failure, find_source
from ..vasp.moments import describe_start
from ..vasp.work_chain import VaspWorkChain
from . import validators
from .builders import Builders
from .context import lay_out
from .exit_codes import choose_exit_code, define_exit_codes
from .messages import (
    describe_allowed,
    describe_excluded,
    describe_summary,
    describe_terminations,
)
from .own_inputs import CALL_LABEL, make_own_inputs, read_own_inputs, sources
from .ports import GENERATION_PORTS, define_inputs, define_outputs
from .prerelax.screening import ScreeningWorkChain
from .relaxation_inputs import find_misfit, relaxation_inputs
from .retries.rescue import find_rescue, rescue_inputs
from .retries.rivals import rival_of

#: The number of slabs whose energies one calcfunction gathers. aiida-core compares the contents of
#: all pairs of `Dict` inputs of a process.
GATHERED_AT_ONCE = 64


class SlabRelaxWorkChain(Builders, ScreeningWorkChain):
    """Cut every symmetry-distinct termination of a crystal surface and relax each with VASP.

    The slabs are cut in one calcfunction, relaxed in parallel by one VaspWorkChain each, and
    gathered. A failed relaxation does not affect the others: every relaxed slab is an output, and
    the message of the exit code names the failed ones.
    """

    _has_adopted = False

    @classmethod
    def define(cls, spec: Any) -> None:
        """Define the ports, the outline and the exit codes."""
        super().define(spec)

        define_inputs(spec)
        spec.outline(
            cls.setup,
            if_(cls.should_generate_slabs)(
                cls.generate_slabs,
            ),
            cls.prepare_relaxations,
            while_(cls.slabs_remain)(
                cls.submit_relaxations,
                cls.gather_relaxations,
            ),
            cls.results,
        )

        define_exit_codes(spec)
        define_outputs(spec)

    def load_instance_state(self, saved_state: Any, load_context: Any) -> None:
        """Load the process from its checkpoint, which may be of an earlier version."""
        super().load_instance_state(saved_state, load_context)
        if self.has_begun():
            lay_out(self.ctx)

    def setup(self) -> None:
        """Initialise the context."""
        lay_out(self.ctx)
        self.ctx.slabs = dict(self.inputs.get('slabs', {}))
        for warning in validators.warn_about_inputs(self.inputs):
            self.report(f'warning: {warning}')
        bulk = self.inputs.get('bulk_structure')
        if bulk is not None and (order := describe_start(bulk, self.inputs.vasp)) is not None:
            self.report(order)

    def should_generate_slabs(self) -> bool:
        """Return whether slabs must be cut from a bulk."""
        return self.inputs.get('bulk_structure') is not None

    def generate_slabs(self) -> ExitCode | None:
        """Cut every termination of the surface in one calcfunction."""
        given = {name: self.inputs.get(name) for name in GENERATION_PORTS}
        inputs = {name: node for name, node in given.items() if node is not None}
        if (spacing := self.inputs.vasp.get('kpoints_spacing')) is not None:
            inputs['kpoints_spacing'] = spacing
        metadata = {'call_link_label': 'generate_slabs'}
        _, node = generate_slabs.run_get_node(**inputs, metadata=metadata)
        if not node.is_finished_ok:
            return self._fail('ERROR_SLAB_GENERATION_FAILED', message=node.exit_message)
        self.ctx.slabs = dict(node.outputs.slabs)
        for label, slab in sorted(self.ctx.slabs.items()):
            self.out(f'generated_slabs.{label}', slab)
        self.out('terminations', node.outputs.terminations)
        for line in describe_terminations(node.outputs.terminations.get_dict()):
            self.report(line)
        for line in describe_excluded(node.outputs.excluded.get_list()):
            self.report(line)
        return None

    def prepare_relaxations(self) -> ExitCode | None:
        """Check the inputs that depend on the slabs, and sort the slabs by size."""
        slabs, done = self.ctx.slabs, self._taken_over('relaxed_slabs')
        if (rival := rival_of(self.inputs, slabs, before=self.node.pk)) is not None:
            # Two retries that are submitted at the same moment do not see each other.
            return self._fail('ERROR_RETRIED_TWICE', rival=rival)
        if (problem := find_misfit(self.inputs, slabs, known_symmetry(slabs))) is not None:
            name, values = problem
            return self._fail(name, **values)
        for label in sorted(done):
            self.report(f'{label}: taken over from an earlier run')
        # The largest first: the longest relaxation must not start last.
        waiting = [label for label in slabs if label not in done]
        self.ctx.remaining = sorted(waiting, key=lambda label: (-len(slabs[label].sites), label))
        if waiting:
            self.make_own_inputs_once()
            self.prepare_prerelaxations()
        return None

    def slabs_remain(self) -> bool:
        """Return whether a relaxation has not been submitted or has not terminated."""
        return bool(self.ctx.remaining or self._in_flight())

    def work_waits(self) -> bool:
        """Return whether a slab waits to be submitted, or for the decision to submit it."""
        return bool(self.ctx.remaining) or self.prerelaxation_ended()

    def window(self) -> tuple[str | None, int | None]:
        """Return the name of the window that runs share, if any, and the limit, if there is one."""
        name, limit = (self.inputs.get(port) for port in ('window', 'max_concurrent'))
        return name and name.value, limit and limit.value

    def has_begun(self) -> bool:
        """Return whether the run has gone through its setup."""
        return bool(self.ctx)

    def describe_progress(self) -> str:
        """Return how many slabs are done, and whether the run waits for others."""
        if not self.has_begun():
            return f'waiting for its turn in the window {self.window()[0]}'
        relaxations = self.ctx.relaxations.values()
        done = sum(not isinstance(node, Awaitable) for node in relaxations)
        done += len(self._taken_over('relaxed_slabs')) + len(self.ctx.excluded)
        waits = f', waiting for a place in the window {self.window()[0]}'
        return f'{done} of {len(self.ctx.slabs)} slabs done{waits if self.lacks_places() else ""}'

    def submit_relaxations(self) -> None:
        """Submit a VaspWorkChain for each waiting slab, up to the limit."""
        for awaitable in self._in_flight():
            self.await_again(awaitable)
        self._adopt_relaxations()
        places = self.take_places(
            [awaitable.pk for awaitable in self._in_flight()], len(self.ctx.remaining)
        )
        if not places:
            return
        shared = self.exposed_inputs(VaspWorkChain, namespace='vasp')
        self.make_own_inputs_once()
        for label in self.ctx.remaining[:places]:
            self.ctx.remaining.remove(label)
            if self.waits_for_prerelaxation(label):
                self.submit_prerelaxation(label)
                continue
            slab = self.ctx.slabs[label]
            own = read_own_inputs(self.ctx.own_inputs, label)
            inputs = relaxation_inputs(self.inputs, shared, own, label, slab)
            inputs.structure = self.ctx.starts.get(label, inputs.structure)
            if tried := self.ctx.rescued.get(label, []):
                inputs = rescue_inputs(inputs, load_node(tried[-1]), len(tried) - 1)
            node = self.submit_child(VaspWorkChain, label, **inputs)
            self.report(f'{label}: launching VaspWorkChain<{node.pk}>')
            self.to_context(**{f'relaxations.{label}': node})

    def _adopt_relaxations(self) -> None:
        """Await what an earlier worker launched for slabs before it was stopped."""
        if self._has_adopted:
            return
        self._has_adopted = True
        children = self.adopt_children()
        for label in [*self.ctx.remaining]:
            prerelaxes = self.waits_for_prerelaxation(label)
            link = self.prerelaxation_link(label) if prerelaxes else label
            node = children.get(link)
            if node is None or node.pk in self.ctx.rescued.get(label, []):
                continue
            self.ctx.remaining.remove(label)
            kind = '' if link == label else 'the pre-relaxation '
            self.report(f'{label}: awaiting {kind}VaspWorkChain<{node.pk}>, launched before')
            if prerelaxes:
                self.await_prerelaxation(label, node)
            else:
                self.to_context(**{f'relaxations.{label}': node})

    def make_own_inputs_once(self) -> None:
        """Make the inputs in which slabs differ in one calcfunction, if not done yet."""
        if self.ctx.own_inputs is not None:
            return
        # This worker may have a predecessor, which has made it, or died in the middle of it.
        node = find_child(self.node, CALL_LABEL)
        if node is None or not node.is_finished_ok:
            node = self._run_make_own_inputs()
        self.ctx.own_inputs = node

    def _run_make_own_inputs(self) -> ProcessNode:
        done = self._taken_over('relaxed_slabs')
        slabs = {label: slab for label, slab in self.ctx.slabs.items() if label not in done}
        shared = self.exposed_inputs(VaspWorkChain, namespace='vasp')
        metadata = {'call_link_label': CALL_LABEL}
        inputs = sources(self.inputs, shared, slabs)
        _, node = make_own_inputs.run_get_node(**inputs, metadata=metadata)
        return cast(ProcessNode, node)

    def gather_relaxations(self) -> None:
        """Inspect each terminated relaxation and record failures."""
        self.gather_prerelaxations()
        with read_once():
            for label, node in sorted(self.ctx.relaxations.items()):
                if isinstance(node, Awaitable) or label in self.ctx.gathered:
                    continue
                self.ctx.gathered.append(label)
                if (source := find_source(node)) is None:
                    self._note_failure(label, node)
                    continue
                process = source.process
                if process is not node:
                    end = describe_end(process)
                    self.report(f'{label}: {describe_end(node)}; recovered, {end}')
                try:
                    energy = find_energy(source.misc.get_dict())
                except EnergyNotFoundError as error:
                    name = f'{process.process_label}<{process.pk}>'
                    self.ctx.without_energy[label] = f'{name}: {error}'
                    self.report(f'{label}: no total energy: {error}')
                else:
                    self.report(f'{label}: relaxed, {energy:.6f} eV')
                if lost := find_lost_order(self.ctx.slabs[label], node, source.misc.get_dict()):
                    self.report(f'{label}: has lost its magnetic order: {lost}')

    def _note_failure(self, label: str, node: WorkChainNode) -> None:
        """Record a failed relaxation, or queue its slab again to rescue it."""
        problem, tried = describe_failure(node), self.ctx.rescued.get(label, [])
        self.report(f'{label}: {problem}')
        rescue = find_rescue(node, len(tried)) if self.inputs.rescue.value else None
        if rescue is None:
            rescued = ('', 'rescued once; ', 'rescued twice; ')[len(tried)]
            self.ctx.failures[label] = f'{rescued}{problem}'
            return
        self.report(f'{label}: {rescue}')
        self.ctx.rescued[label] = [*tried, node.pk]
        self.ctx.gathered.remove(label)
        del self.ctx.relaxations[label]
        self.ctx.remaining.insert(0, label)

    def results(self) -> ExitCode | None:
        """Return the relaxed slabs and their energies, and the exit code."""
        found = {label: find_source(node) for label, node in self.ctx.relaxations.items()}
        sources = {label: source for label, source in found.items() if source is not None}
        relaxed = self._taken_over('relaxed_slabs')
        relaxed |= {label: source.structure for label, source in sources.items()}
        energies, misc = self._taken_over('slab_energies'), self._taken_over('misc')
        misc |= {label: source.misc for label, source in sources.items()}
        misc = {label: node for label, node in misc.items() if label not in self.ctx.without_energy}
        energies |= self._gather_energies(misc)
        for label, slab in sorted(relaxed.items()):
            self.out(f'relaxed_slabs.{label}', slab)
        for label, energy in sorted(energies.items()):
            self.out(f'slab_energies.{label}', energy)
        formulas = [slab.get_formula() for slab in self.ctx.slabs.values()]
        self.report(describe_summary(formulas, len(energies), len(self.ctx.excluded)))
        if cost := total_of(costs_of(self.node)).describe():
            self.report(f'cost: {cost}')
        return self._verdict()

    def _gather_energies(self, misc: Mapping[str, Dict]) -> dict[str, Float]:
        """Return the energies (eV) of slabs from the outputs of their relaxations."""
        labels, energies = sorted(misc), {}
        for start in range(0, len(labels), GATHERED_AT_ONCE):
            part: Any = {label: misc[label] for label in labels[start : start + GATHERED_AT_ONCE]}
            gathered = gather_energies(misc=part, metadata={'call_link_label': 'gather_energies'})
            energies.update(gathered['energies'])
        return energies

    def _verdict(self) -> ExitCode | None:
        """Return the exit code, whose message names the failures, or ``None``."""
        name, values = choose_exit_code(
            len(self.ctx.slabs) - len(self.ctx.excluded),
            self.ctx.failures,
            self.ctx.without_energy,
            self.inputs.min_success_fraction.value,
        )
        if name is not None:
            return self._fail(name, **values)
        if self.ctx.failures:
            self.report(describe_allowed(**values))
        return None

    def _fail(self, name: str, **values: Any) -> ExitCode:
        exit_code: ExitCode = self.exit_codes[name]
        return exit_code.format(**values)

    def _taken_over(self, name: str) -> dict[str, Any]:
        """Return the nodes of a namespace of `previous`, by label."""
        return dict(self.inputs.get('previous', {}).get(name, {}))

    def _in_flight(self) -> list[Awaitable]:
        """Return the awaitables of (pre-)relaxations that have not been delivered."""
        kinds = (self.ctx.relaxations, self.ctx.prerelaxations, self.ctx.phases)
        nodes = [node for kind in kinds for node in kind.values()]
        return [node for node in nodes if isinstance(node, Awaitable)]
