"""What the steps of a run share, and what of it a run that began with an earlier version lacks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aiida.common import AttributeDict

#: The names in the context, and what each is before the first step.
BEGIN: dict[str, Callable[[], Any]] = {
    # By label: the slabs, their relaxations or what these are awaited by, and what went wrong.
    'slabs': dict,
    'relaxations': AttributeDict,
    'failures': dict,
    'without_energy': dict,
    # The pks of the relaxations before a rescue, by label.
    'rescued': dict,
    # The labels of what waits for a place, and of what has been looked at.
    'remaining': list,
    'gathered': list,
    # The calcfunction that has made the inputs in which slabs differ.
    'own_inputs': lambda: None,
}


def lay_out(context: AttributeDict) -> None:
    """Add what the context lacks."""
    for name, begin in BEGIN.items():
        if name not in context:
            context[name] = begin()
