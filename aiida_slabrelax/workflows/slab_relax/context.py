"""The context of a run, completed if the run started with an earlier version."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aiida.common import AttributeDict

#: The entries of the context, and their initial values.
BEGIN: dict[str, Callable[[], Any]] = {
    # By label: the slabs, their relaxations (nodes or awaitables), and the failures.
    'slabs': dict,
    'relaxations': AttributeDict,
    'failures': dict,
    'without_energy': dict,
    # The pks of the relaxations before a rescue, by label.
    'rescued': dict,
    # The labels of slabs that wait to be submitted, and of those that were gathered.
    'remaining': list,
    'gathered': list,
    # The calcfunction that made the inputs in which slabs differ.
    'own_inputs': lambda: None,
    # By label: pre-relaxations (nodes or awaitables), and the geometries with which relaxations
    # start after them; and what made the inputs in which pre-relaxations differ.
    'prerelaxations': AttributeDict,
    'starts': dict,
    'own_prerelax_inputs': lambda: None,
    # The bulk and references in the pre-relaxations' engine, by name (nodes or awaitables), whether
    # slabs were compared, and by label why slabs are left out.
    'phases': AttributeDict,
    'screened': lambda: False,
    'excluded': dict,
}


def lay_out(context: AttributeDict) -> None:
    """Add missing entries to the context."""
    for name, begin in BEGIN.items():
        if name not in context:
            context[name] = begin()
