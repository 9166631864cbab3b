"""The outputs of a workflow: what its function has computed is stored by a calcfunction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from aiida import orm
from aiida.engine.processes.functions import FunctionProcess

from ..calls import Call
from ..errors import ChildExcepted
from ..history import STORE_OUTPUTS
from ..interface import name_outputs
from ..journal import format_label
from ..results import read_outputs
from ..session import Session
from ..trees import computed_part, flatten, merge, to_nodes


def store_outputs(
    session: Session, result: Any, workflow: str, inputs: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the outputs of a workflow; what its function has computed is stored.

    :param result: what the function has returned.
    :param workflow: the name of the workflow, for messages.
    :param inputs: those of the workflow by link label.
    :raises ChildExcepted: if something cannot be stored.
    """
    outputs = name_outputs(result, workflow)
    computed = computed_part(outputs)
    if not computed:
        return outputs

    def store(**sources: orm.Data) -> dict[str, Any]:
        """Store what the function of a workflow has computed from its inputs and calls."""
        return to_nodes(computed)

    store.__name__ = store.__qualname__ = STORE_OUTPUTS  # as verdi shows it
    process_class = FunctionProcess.build(store, node_class=orm.CalcFunctionNode)
    sources = {**_sources(session, inputs), 'metadata': {'disable_cache': True}}
    call = Call(STORE_OUTPUTS, process_class, sources, read_outputs)
    node = session.execute_at(session.root, session.root.take_position(), call)
    if node.is_excepted:
        raise ChildExcepted(node)
    return merge(outputs, read_outputs(node))


def _sources(session: Session, inputs: Mapping[str, Any]) -> dict[str, orm.Data]:
    """Return the nodes from which the function has computed what it returns."""
    named = {f'input_{name}': node for name, node in inputs.items()}
    for position, (name, pk) in session.answered.items():
        node = cast(orm.ProcessNode, orm.load_node(pk))
        if node.is_finished_ok:
            label = format_label(name, position)
            outputs = flatten(read_outputs(node))
            named.update({f'{label}_{output}': value for output, value in outputs})
    unique = {node.pk: name for name, node in named.items() if isinstance(node, orm.Data)}
    return {name.replace('__', '_'): named[name] for name in unique.values()}
