"""Namespaces of nodes as inputs of calculation functions.

aiida-core makes a port of each parameter of a function. A namespace has no annotation, so the
function takes it as ``**namespaces``; it is declared here, in the specification of the function.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiida.orm import Data


def declare_namespaces(function: Any, namespaces: Mapping[str, tuple[type[Data], str]]) -> None:
    """Declare the namespaces that a calculation function accepts; it accepts no other inputs.

    None is required. Other names are refused before anything is stored.

    :param function: a calcfunction with a parameter ``**namespaces``.
    :param namespaces: the type of the nodes and the help text, by name.
    """
    spec = function.spec()
    for name, (valid_type, meaning) in namespaces.items():
        spec.input_namespace(
            name, valid_type=valid_type, dynamic=True, required=False, help=meaning
        )
    spec.inputs.dynamic = False
