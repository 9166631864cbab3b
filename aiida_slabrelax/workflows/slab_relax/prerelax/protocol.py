"""The inputs of pre-relaxations from a protocol."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aiida.orm import AbstractCode, StructureData, load_code
from aiida_vasp.utils.dict_merge import recursive_merge

from ....parsers.potentials.potential import LOCPOT
from ..protocols import vasp_protocol_inputs
from ..slab_overrides import lower_incar

#: The setting with the files that are read and deleted.
_READ = 'ADDITIONAL_RETRIEVE_TEMPORARY_LIST'


def prerelax_protocol_inputs(
    code: AbstractCode | str,
    structures: Sequence[StructureData],
    chosen: Mapping[str, Any],
    options: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the inputs ``prerelax``: those of ``vasp``, and what is chosen for it laid over them.

    LOCPOT, which only the relaxation needs, is not retrieved; MPI is used if the code says so.

    :param code: the code of the pre-relaxations, or its label.
    :param structures: the crystals whose kinds are needed.
    :param chosen: the inputs of the work chain as plain values, of which ``vasp`` and ``prerelax``
        count.
    :param options: the options of the calculations, over which those in ``prerelax`` are laid.
    :raises ValueError: as :func:`~..protocols.vasp_protocol_inputs`.
    """
    code = load_code(code) if isinstance(code, str) else code
    inputs, own = (_lower(chosen.get(name) or {}) for name in ('vasp', 'prerelax'))
    if 'kpoints_spacing' in own:
        inputs.pop('kpoints', None)
    inputs = dict(recursive_merge(inputs, own))
    if _READ in (settings := inputs.get('settings') or {}):
        files = [name for name in settings[_READ] if name != LOCPOT]
        inputs['settings'] = {**settings, _READ: files}
    if code.with_mpi is not None:
        options = {**options, 'withmpi': code.with_mpi}
    own_options = ((own.get('calc') or {}).get('metadata') or {}).get('options') or {}
    return vasp_protocol_inputs(
        code, structures, inputs, recursive_merge(dict(options), dict(own_options))
    )


def _lower(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return inputs of VaspWorkChain with the tags of the INCAR in lower case."""
    parameters = inputs.get('parameters')
    if not isinstance(parameters, Mapping):
        return dict(inputs)
    return {**inputs, 'parameters': lower_incar('parameters', parameters)}
