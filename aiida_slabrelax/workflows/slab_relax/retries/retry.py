"""The inputs of a run that continues one that has failed, was killed or has excepted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aiida.orm import (
    AbstractCode,
    Dict,
    List,
    Node,
    RemoteData,
    Str,
    StructureData,
    WorkChainNode,
)
from aiida_vasp.utils.dict_merge import recursive_merge
from aiida_vasp.workchains.v2.vasp import list_valid_objects_in_remote

from ....engine.links import batches, read_ahead, read_once
from ....results.relaxations.prerelaxations import starts_of
from ....results.relaxations.screening import excluded_by
from ....results.relaxations.sources import find_source, last_remote_folder, last_structure
from ....results.runs import (
    attempts_of,
    ended_run,
    name_of,
    previous_of,
    relaxation_links,
    slabs_of,
)
from ...vasp.moments import asks_for_moments, moments_behind
from ..executed import NotTrustedError, describe_executed, find_reasons
from ..ports import GENERATION_PORTS, PREVIOUS
from ..slab_overrides import merge_inputs, unmatched_keys
from .rereading import has_energy, read_lost
from .rivals import ORIGIN, rival_of

#: The files that VASP reads from the folder of an earlier calculation.
RESTART_FILES = {'CHGCAR', 'WAVECAR'}


def retry_inputs(
    node: Node,
    overrides: Mapping[str, Any],
    only: Sequence[str] | None,
    read_first: bool = True,
    trusted: bool = False,
) -> dict[str, Any]:
    """Return the inputs of a run for the slabs of an earlier run that have not relaxed.

    Results that the retrieved files of the earlier run contain are not computed again.

    :param node: the earlier run.
    :param overrides: changes to the inputs of the earlier run, nested like them, as plain values;
        only those under ``vasp`` can change.
    :param only: the labels of the slabs to run again, by default all that have not relaxed.
    :param read_first: whether to read the retrieved files again, which stores nodes.
    :param trusted: whether the run may execute text that this user has not written here.
    :raises NotTrustedError: if it would, but may not.
    :raises ValueError: if there is nothing to run again, another retry runs it already, or the
        overrides do not suit.
    """
    run, changes = ended_run(node), _changes_to_vasp(overrides)
    inputs: dict[str, Any] = run.get_builder_restart()._inputs(prune=True)
    inputs['vasp'] = merge_inputs(inputs['vasp'], changes)
    if not trusted and (reasons := find_reasons(run, inputs)):
        raise NotTrustedError(reasons, describe_executed(inputs))
    if read_first:
        read_lost(run)
    with read_once():
        inputs = {**_go_on(run, inputs, changes, only), ORIGIN: Str(run.uuid)}
    if (rival := rival_of(inputs, inputs.get('slabs', {}))) is not None:
        raise ValueError(f'{name_of(run)} was retried before: {rival}')
    return inputs


def _changes_to_vasp(overrides: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the changes to the inputs ``vasp``; a retry may change no others."""
    for name in overrides:
        if name != 'vasp':
            raise ValueError(
                f'`overrides`: a retry changes inputs under `vasp` only, got {name!r}; the builder '
                'takes other changes'
            )
    changes = overrides.get('vasp', {})
    if not isinstance(changes, Mapping):
        raise ValueError(f'`overrides`: vasp must be a mapping, got {changes!r}')
    return changes


def _go_on(
    run: WorkChainNode,
    inputs: dict[str, Any],
    changes: Mapping[str, Any],
    only: Sequence[str] | None,
) -> dict[str, Any]:
    """Return the inputs of a run for the unfinished slabs, with their last results."""
    slabs = slabs_of(run)
    if not slabs:
        if run.exit_status is not None:
            raise ValueError(f'{name_of(run)} has cut no slab: {run.exit_message}')
        if only is not None:
            raise ValueError(f'{name_of(run)} ended before its slabs were cut: none can be chosen')
        return inputs
    previous = _previous(run, slabs, inputs['vasp']['code'])
    waiting = _chosen(run, slabs, set(previous['relaxed_slabs']), only)
    if asks_for_moments(changes):
        previous['moments'] = {}
    for name in ('geometries', 'remote_folders', 'moments'):
        previous[name] = {label: previous[name][label] for label in waiting & set(previous[name])}
    for name in GENERATION_PORTS:
        inputs.pop(name, None)
    inputs['slabs'] = {label: slabs[label] for label in waiting | set(previous['relaxed_slabs'])}
    inputs['previous'] = {name: nodes for name, nodes in previous.items() if nodes}
    if inputs.get('slab_overrides') is not None:
        inputs['slab_overrides'] = _slab_overrides(run, inputs, slabs, changes)
    return inputs


def _slab_overrides(
    run: WorkChainNode,
    inputs: Mapping[str, Any],
    slabs: Mapping[str, StructureData],
    changes: Mapping[str, Any],
) -> Dict:
    """Return the overrides of an earlier run for the slabs; new changes take precedence."""
    given = inputs['slab_overrides'].get_dict()
    meshes = {'kpoints', 'kpoints_spacing'}
    replaced = meshes if meshes & set(changes) else set()
    if wrong := unmatched_keys(given, slabs):
        raise ValueError(
            f'{name_of(run)} has `slab_overrides` that match no slab, {", ".join(wrong)}: '
            'launch it again'
        )
    unmatched = unmatched_keys(given, inputs['slabs'])
    return Dict(
        {
            key: recursive_merge(
                {name: value for name, value in earlier.items() if name not in replaced},
                dict(changes),
            )
            for key, earlier in given.items()
            if key not in unmatched
        }
    )


def _previous(
    run: WorkChainNode, slabs: Mapping[str, StructureData], code: AbstractCode
) -> dict[str, dict[str, Node]]:
    """Return results of a run and of those before it, by namespace of `previous` and label."""
    previous: dict[str, dict[str, Any]] = {name: previous_of(run, name) for name, *_ in PREVIOUS}
    energies = dict(run.outputs.slab_energies) if 'slab_energies' in run.outputs else {}
    links = relaxation_links(run)
    for batch in batches(list(links)):
        with read_ahead({links[label].pk for label in batch}):
            for label in batch:
                _add_last_results(previous, label, links[label].node, label in energies)
    # What was pre-relaxed is not pre-relaxed again, whatever has become of its relaxation.
    for label, start in starts_of(run).items():
        if label not in previous['relaxed_slabs']:
            previous['geometries'].setdefault(label, start)
    folders = previous['remote_folders'].items()
    previous['remote_folders'] = {
        label: folder for label, folder in folders if is_there(folder, code)
    }
    relaxed = previous['relaxed_slabs']
    previous['slab_energies'] |= {label: energies[label] for label in energies if label in relaxed}
    for label in previous['slab_energies']:
        previous['misc'].pop(label, None)
    return previous


def _add_last_results(
    previous: dict[str, dict[str, Any]], label: str, relaxation: WorkChainNode, has_result: bool
) -> None:
    """Add what a relaxation has left: its results, or where another one can go on.

    :param has_result: whether its run has its energy.
    """
    source = find_source(relaxation)
    if source is not None and (has_result or has_energy(source)):
        previous['relaxed_slabs'][label] = source.structure
        previous['misc'][label] = source.misc
        return
    tried = reversed(attempts_of(relaxation))
    if (geometry := next(filter(None, map(last_structure, tried)), None)) is not None:
        previous['geometries'][label] = geometry
        previous['moments'].pop(label, None)
        if (moments := moments_behind(geometry)) is not None:
            previous['moments'][label] = List(moments)
    if (folder := last_remote_folder(relaxation)) is not None:
        previous['remote_folders'][label] = folder


def _chosen(
    run: WorkChainNode,
    slabs: Mapping[str, StructureData],
    relaxed: set[str],
    only: Sequence[str] | None,
) -> set[str]:
    """Return the labels of the slabs to run again."""
    excluded = set(excluded_by(run))
    unfinished = set(slabs) - relaxed - excluded
    if not unfinished and not run.is_finished_ok and only is None:
        # The run was cut off after its last relaxation, or files were read again: only results
        # are missing.
        return unfinished
    if not unfinished and only is None:
        left_out = f' or were excluded ({", ".join(sorted(excluded))})' if excluded else ''
        raise ValueError(
            f'all {len(slabs)} slabs of {name_of(run)} have relaxed{left_out}: there is nothing to '
            'run again'
        )
    if only is None:
        return unfinished
    if not only:
        raise ValueError('`only` names no slab: leave it out to run all that have not relaxed')
    if wrong := sorted(set(only) - unfinished - (excluded & set(slabs))):
        raise ValueError(
            f'{", ".join(wrong)} cannot be run again; the slabs of {name_of(run)} that have not '
            f'relaxed are: {", ".join(sorted(unfinished))}'
        )
    return set(only)


def is_there(folder: RemoteData, code: AbstractCode) -> bool:
    """Return whether a folder is on the computer of the code and contains restart files."""
    if folder.is_cleaned or folder.computer != code.computer:
        return False
    try:
        return bool(RESTART_FILES.intersection(list_valid_objects_in_remote(folder)))
    except Exception:  # whatever the transport raises: a relaxation can begin without the folder
        return False
