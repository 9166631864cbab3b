"""The settings shared by all calculations whose total energies are compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiida.orm import AbstractCode, StructureData
from aiida_vasp.utils.dict_merge import recursive_merge
from aiida_vasp.workchains.v2 import VaspWorkChain

from ..slab_relax.ports import GENERATION_PORTS
from ..slab_relax.prerelax.protocol import prerelax_protocol_inputs
from ..slab_relax.protocols import SlabRelaxProtocols, vasp_protocol_inputs
from ..slab_relax.slab_overrides import lower_incar
from ..slab_relax.work_chain import SlabRelaxWorkChain

#: Tags of the INCAR that relax ions and cell, and those of a calculation without relaxation.
RELAX_CELL = {'isif': 3}
SINGLE_POINT = {'ibrion': -1, 'isif': 2, 'nsw': 0}


def choose_inputs(
    protocol: str | None = None, overrides: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the inputs of SlabRelaxWorkChain that a protocol chooses, as plain values.

    Those of ``vasp`` are complete, but for ``magmom_mapping``: they include the inputs of
    aiida-vasp's own protocol.

    :param protocol: its name, or ``name@file``.
    :param overrides: values that override those of the protocol, nested like the inputs.
    :raises ValueError: if there is no such protocol.
    """
    given = dict(overrides or {})
    if (parameters := given.get('vasp', {}).get('parameters')) is not None:
        given['vasp'] = {**given['vasp'], 'parameters': lower_incar('parameters', parameters)}
    inputs = SlabRelaxProtocols.get_protocol_inputs(protocol, given)
    own = inputs.get('vasp', {})
    inputs['vasp'] = VaspWorkChain.get_protocol_inputs(overrides=own)
    # Moments by element come after those of a crystal: they are laid below when it is known.
    inputs['vasp']['magmom_mapping'] = dict(own.get('magmom_mapping') or {})
    return inputs


@dataclass(frozen=True)
class CalculationSettings:
    """The code and the inputs that all calculations share.

    :ivar code: the code of the plugin ``vasp.vasp``.
    :ivar chosen: the return value of :func:`choose_inputs`.
    :ivar options: the options of the calculations.
    :ivar prerelax: the code of the pre-relaxations of slabs; None without them.
    """

    code: AbstractCode
    chosen: Mapping[str, Any]
    options: Mapping[str, Any]
    prerelax: AbstractCode | None = None

    @property
    def kpoints_spacing(self) -> float:
        """The maximum k-point spacing, in 2π/Å."""
        return float(self.chosen['vasp']['kpoints_spacing'])

    @property
    def relaxed_faces(self) -> int:
        """The number of faces of a slab that relax: one, if layers are fixed at the other."""
        fixed = self.chosen.get('fix') or {}
        return 1 if fixed.get('side') in ('bottom', 'top') else 2

    def vasp_inputs(self, structure: StructureData, **tags: Any) -> dict[str, Any]:
        """Return the inputs of VaspWorkChain, except the structure, whose kinds are needed.

        :param tags: tags of the INCAR that override those of the protocol.
        """
        vasp = recursive_merge(dict(self.chosen['vasp']), {'parameters': {'incar': tags}})
        return _complete(vasp_protocol_inputs(self.code, [structure], vasp, self.options))

    def generation_inputs(self) -> dict[str, Any]:
        """Return the chosen inputs of ``generate_slabs`` as nodes."""
        return self._as_nodes([name for name in self.chosen if name in GENERATION_PORTS])

    def relaxation_inputs(
        self, bulk: StructureData, references: Mapping[str, StructureData] | None = None
    ) -> dict[str, Any]:
        """Return the inputs of SlabRelaxWorkChain for slabs of a bulk, except the slabs.

        :param references: by element; with them slabs are screened at stable potentials.
        """
        compared = dict(references or {}) if self.chosen.get('screen') is not None else {}
        stages = {'vasp': self.vasp_inputs(bulk)}
        if self.prerelax is not None:
            stages['prerelax'] = _complete(
                prerelax_protocol_inputs(
                    self.prerelax, [bulk, *compared.values()], self.chosen, self.options
                )
            )
        if compared:
            stages['screen_references'] = compared
        others = (*GENERATION_PORTS, 'vasp', 'prerelax')
        return {**stages, **self._as_nodes([name for name in self.chosen if name not in others])}

    def slab_relax_inputs(
        self, bulk: StructureData, surfaces: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """Return all inputs of a SlabRelaxWorkChain that cuts and relaxes the same slabs.

        :param surfaces: ``miller_indices`` or ``max_index``, as plain values.
        """
        ports: Any = SlabRelaxWorkChain.spec().inputs
        inputs: Mapping[str, Any] = ports.pre_process(
            {
                **self.relaxation_inputs(bulk),
                **self.generation_inputs(),
                **{name: ports[name].serialize(value) for name, value in surfaces.items()},
                'bulk_structure': bulk,
            }
        )
        return inputs

    def _as_nodes(self, names: list[str]) -> dict[str, Any]:
        ports: Any = SlabRelaxWorkChain.spec().inputs
        given = {name: self.chosen[name] for name in names if self.chosen[name] is not None}
        return {name: ports[name].serialize(value) for name, value in given.items()}


def _complete(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return inputs of VaspWorkChain with the parser, and without those that are None."""
    inputs['calc']['metadata']['options'].setdefault('parser_name', 'slabrelax.vasp')
    # The VaspWorkChain would pass None on to its calculations.
    return {name: value for name, value in inputs.items() if value is not None}
