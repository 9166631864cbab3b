"""Builders of the work chain: from a protocol, and from an earlier run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aiida.engine import ProcessBuilder
from aiida.orm import AbstractCode, Node

from ...calculations.structures import AnyStructure, as_structure_data
from ...engine.ports.builders import ReadableBuilder
from ...engine.ports.port_names import describe_unknown
from ...protocol_files import SIZES, merge_sizes
from .ports import GENERATION_PORTS
from .prerelax.protocol import prerelax_protocol_inputs
from .protocols import SlabRelaxProtocols, vasp_protocol_inputs
from .retries.retry import retry_inputs


class Builders(SlabRelaxProtocols):
    """The class methods of the work chain that return a builder."""

    @classmethod
    def get_builder(cls: Any) -> ProcessBuilder:
        """Return an empty builder, which shows what it is given."""
        return ReadableBuilder(cls)

    @classmethod
    def get_builder_from_protocol(
        cls: Any,
        code: AbstractCode | str,
        structure: AnyStructure | None = None,
        *,
        miller_indices: Sequence[Any] | None = None,
        slabs: Mapping[str, AnyStructure] | None = None,
        protocol: str | None = None,
        overrides: Mapping[str, Any] | None = None,
        options: Mapping[str, Any] | None = None,
        prerelax: AbstractCode | str | None = None,
        **kwargs: Any,
    ) -> ProcessBuilder:
        """Return a builder with the inputs of a protocol; all of them can still be changed.

        Without ``structure`` and ``slabs`` it is for an outer work chain that supplies the crystal:
        then there are potentials and initial moments for all elements.

        Of ASE atoms and pymatgen structures the cell, elements, positions, kinds (``tags``,
        ``kind_name``) and magnetic moments (``magmoms``, ``magmom``, spins) count; constraints are
        given in ``fix``.

        :param code: the code of the plugin ``vasp.vasp``, or its label.
        :param structure: the crystal to cut: a StructureData, ASE atoms or a pymatgen structure.
        :param miller_indices: the surface (hkl) in the cell of ``structure``, or several; not with
            ``max_index``, which is one of ``kwargs``.
        :param slabs: your own slabs by label, instead of ``structure``.
        :param protocol: ``fast``, ``balanced`` (the default) or ``stringent``; or ``name@file``,
            your own in ``~/.aiida-vasp/protocols/slab_relax/file.yaml``.
        :param overrides: values that override those of the protocol, nested like the inputs.
        :param options: the options of the calculations (resources, queue, wall time, …).
        :param prerelax: a code that relaxes each slab before; its inputs begin as those of
            ``vasp``, and those under ``prerelax`` in ``overrides`` are laid over them.
        :param kwargs: further inputs of the work chain, for example ``symmetrize``.
        :raises TypeError: if a structure has another type.
        :raises ValueError: if there is no such protocol, an override has no port, ``structure`` and
            ``slabs`` are both given, slabs do not agree on a kind, or ``overrides`` have
            ``prerelax`` without a code.
        """
        given = {name: value for name, value in (overrides or {}).items() if name != 'vasp'}
        if (problem := describe_unknown(given, cls.spec().inputs, '')) is not None:
            raise ValueError(f'`overrides`: {problem}')
        if given.get('prerelax') and prerelax is None:
            raise ValueError('`overrides`: prerelax needs a code, the argument `prerelax`')
        if 'bulk_structure' in kwargs:
            raise TypeError('give the crystal as `structure`, not as `bulk_structure`')
        if slabs and (structure is not None or miller_indices is not None):
            other = 'miller_indices' if structure is None else 'structure'
            raise ValueError(f'give `{other}` or `slabs`: both are given')
        bulk = None if structure is None else as_structure_data(structure, '`structure`')
        own = {
            label: as_structure_data(slab, f'`slabs`: {label!r}')
            for label, slab in (slabs or {}).items()
        }
        of_protocol = cls.get_protocol_inputs(protocol)
        if (problem := describe_unknown(of_protocol, cls.spec().inputs, '')) is not None:
            raise ValueError(f'`protocol` {protocol}: {problem}')
        sizes = {name: kwargs[name] for name in SIZES if name in kwargs}
        inputs = {**merge_sizes(cls.get_protocol_inputs(protocol, overrides), sizes), **kwargs}
        kinds = list(own.values()) if bulk is None else [bulk]
        stages = {'vasp': vasp_protocol_inputs(code, kinds, inputs.get('vasp', {}), options or {})}
        if prerelax is not None:
            before = prerelax_protocol_inputs(prerelax, kinds, inputs, options or {})
            stages['prerelax'] = before
        inputs = {name: inputs[name] for name in inputs if name not in ('vasp', 'prerelax')}
        if own:  # they are not cut
            inputs = {name: inputs[name] for name in inputs if name not in GENERATION_PORTS}
        chosen = {'bulk_structure': bulk, 'miller_indices': miller_indices, 'slabs': own or None}
        builder: ProcessBuilder = cls.get_builder()
        for name, stage in stages.items():
            builder[name]._update(stage)
        for name, value in {**inputs, **chosen}.items():
            if value is not None:
                builder[name] = value
        return builder

    @classmethod
    def get_builder_retry(
        cls: Any,
        node: Node,
        overrides: Mapping[str, Any] | None = None,
        only: Sequence[str] | None = None,
        read_first: bool = True,
        trusted: bool = False,
    ) -> ProcessBuilder:
        """Return a builder for the slabs of an earlier run that have not relaxed.

        The retrieved files of that run are read again first. Slabs that have relaxed are
        taken over: their structures and energies are outputs of the new run too. The others
        continue from their last geometry, and from their last folder if it still exists.

        :param node: a run that has ended with failures, was killed or has excepted.
        :param overrides: changes to the inputs of that run, nested like them, as plain values;
            only those under ``vasp`` can change.
        :param only: the labels of the slabs to run again, by default all that have not relaxed;
            other failed slabs are not part of the new run.
        :param read_first: whether to read files again; if false, nothing is stored.
        :param trusted: whether the new run may execute text that this user has not written here:
            shell text in nodes of an imported archive or of another user.
        :raises NotTrustedError: if it would, but may not; its ``lines`` contain that text.
        :raises ValueError: if there is nothing to run again, another retry runs the same slabs or
            has relaxed them, or the overrides are invalid.
        """
        builder: ProcessBuilder = cls.get_builder()
        builder._update(retry_inputs(node, overrides or {}, only, read_first, trusted))
        return builder
