"""Builders of the work chain: from a protocol, and from an earlier run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aiida.engine import ProcessBuilder
from aiida.orm import AbstractCode, Node, StructureData

from ...engine.port_names import describe_unknown
from .protocols import protocol_inputs, vasp_protocol_inputs
from .retry import retry_inputs


class Builders:
    """The class methods of the work chain that return a builder."""

    @classmethod
    def get_builder_from_protocol(
        cls: Any,
        code: AbstractCode | str,
        bulk_structure: StructureData,
        miller_indices: Sequence[Any] | None = None,
        protocol: str | None = None,
        overrides: Mapping[str, Any] | None = None,
        options: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> ProcessBuilder:
        """Return a builder whose inputs a protocol has chosen; all of them can still be changed.

        :param code: the code of the plugin ``vasp.vasp``, or its label.
        :param bulk_structure: the crystal to cut.
        :param miller_indices: the surface (hkl) in the cell of ``bulk_structure``, or several;
            not with ``max_index``, which is one of ``kwargs``.
        :param protocol: ``fast``, ``balanced`` (the default) or ``stringent``.
        :param overrides: values that replace those of the protocol, nested like the inputs.
        :param options: the options of the calculations (resources, queue, wall time, …).
        :param kwargs: further inputs of the work chain, ``symmetrize`` for example.
        :raises ValueError: if there is no such protocol, or an override has no port.
        """
        given = {name: value for name, value in (overrides or {}).items() if name != 'vasp'}
        if (problem := describe_unknown(given, cls.spec().inputs, '')) is not None:
            raise ValueError(f'`overrides`: {problem}')
        inputs = {**protocol_inputs(protocol, overrides), **kwargs}
        builder: ProcessBuilder = cls.get_builder()
        builder['vasp']._update(
            vasp_protocol_inputs(code, bulk_structure, inputs.pop('vasp'), options or {})
        )
        builder['bulk_structure'] = bulk_structure
        if miller_indices is not None:
            builder['miller_indices'] = miller_indices
        for name, value in inputs.items():
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

        What the retrieved files of that run hold is read again first. Slabs that have relaxed are
        taken over: their structures and energies are outputs of the new run too. The others go on
        from their last geometry, and from their last folder where that still exists.

        :param node: a run that has ended with failures, was killed or has excepted.
        :param overrides: changes to the inputs ``vasp``, nested like them, as plain values.
        :param only: the labels of the slabs to run again, by default all that have not relaxed;
            failed slabs that are not among them are left out.
        :param read_first: if false nothing is read again, and nothing stored.
        :param trusted: whether the new run may execute what this user has not written here:
            shell text in nodes of an imported archive or of another user.
        :raises NotTrustedError: if it would, and may not; its ``lines`` say what it is.
        :raises ValueError: if there is nothing to run again, another retry runs the same slabs or
            has relaxed them, or the overrides do not suit.
        """
        builder: ProcessBuilder = cls.get_builder()
        builder._update(retry_inputs(node, overrides or {}, only, read_first, trusted))
        return builder
