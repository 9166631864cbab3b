"""Checks of the inputs of pre-relaxations. Each returns a message or ``None``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...vasp.validators import validate_vasp


def validate_prerelax(inputs: Mapping[str, Any], ports: object) -> str | None:
    """Check that the inputs relax the ions of slabs, and that the fixed sites are not chosen here.

    :param inputs: those of the namespace ``prerelax``; empty if slabs are not pre-relaxed.
    """
    if not inputs:
        return None
    if inputs.get('dynamics') is not None:
        return (
            '`dynamics`: the fixed sites of a pre-relaxation are those of the relaxation, from '
            '`fix` or `vasp.dynamics`'
        )
    if inputs.get('restart_folder') is not None:
        return '`restart_folder`: each slab is pre-relaxed from the beginning'
    return validate_vasp(inputs, ports, 'prerelax')
