"""The outputs of a workflow: values that its function has computed are stored by a calcfunction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from aiida import orm
from aiida.engine.processes.functions import FunctionProcess

from ..calls import Call
from ..errors import ChildExcepted
from ..execution import Execution
from ..record.history import STORE_OUTPUTS
from ..record.journal import format_label
from ..results import read_outputs
from ..values.trees import computed_part, flatten, merge, name_outputs, to_nodes

#: The attribute of the calcfunction's node that explains its links.
CLAIM_ATTRIBUTE = 'durable_claim'

CLAIM = (
    'The outputs were computed by the function of the workflow that called this, not here. The '
    'inputs are all nodes that the function had been given; which of them it used is not recorded.'
)


class _Claim(FunctionProcess):
    """Marks the node of a calcfunction that did not compute its outputs."""

    def _setup_db_record(self) -> None:
        super()._setup_db_record()
        self.node.base.attributes.set(CLAIM_ATTRIBUTE, CLAIM)


def check_outputs(
    execution: Execution,
    result: Any,
    workflow: str,
    inputs: Mapping[str, Any],
    strict: bool = False,
) -> dict[str, Any]:
    """Return the outputs of a workflow as nodes; what its function has computed is not stored yet.

    :param result: the return value of the function.
    :param workflow: the name of the workflow, for messages.
    :param inputs: the inputs of the workflow by link label.
    :param strict: refuse values that the function has computed.
    :raises TypeError: if a name or a value is refused.
    """
    outputs = name_outputs(result, workflow)
    if strict:
        _check_origin(outputs, workflow, _sources(execution, inputs))
    try:
        return merge(outputs, to_nodes(computed_part(outputs)))
    except TypeError as error:
        raise TypeError(f'{workflow} has returned what cannot be an output: {error}') from error


def store_outputs(
    execution: Execution, outputs: dict[str, Any], inputs: Mapping[str, Any]
) -> dict[str, Any]:
    """Store the outputs of a workflow that its function has computed; return all.

    :param outputs: those of :func:`check_outputs`.
    :param inputs: those of the workflow by link label.
    :raises ChildExcepted: if a value cannot be stored.
    """
    computed = computed_part(outputs)
    if not computed:
        return outputs

    def store(**sources: orm.Data) -> dict[str, Any]:
        """Store what the function of a workflow has computed from its inputs and calls."""
        return computed

    store.__name__ = store.__qualname__ = STORE_OUTPUTS  # as verdi shows it
    built = FunctionProcess.build(store, node_class=orm.CalcFunctionNode)
    names = {'__module__': __name__, '__qualname__': STORE_OUTPUTS}
    process_class = cast(type[FunctionProcess], type(STORE_OUTPUTS, (_Claim, built), names))
    sources = {**_sources(execution, inputs), 'metadata': {'disable_cache': True}}
    call = Call(STORE_OUTPUTS, process_class, sources, read_outputs)
    node = execution.execute_at(execution.root, execution.root.take_position(), call)
    if node.is_excepted:
        raise ChildExcepted(node)
    return merge(outputs, read_outputs(node))


def _check_origin(
    outputs: Mapping[str, Any], workflow: str, sources: Mapping[str, orm.Data]
) -> None:
    """Refuse outputs that are neither from a calculation nor inputs of the workflow."""
    known = {node.pk for node in sources.values()}
    for label, value in flatten(outputs):
        if isinstance(value, orm.Data) and value.is_stored:
            if value.pk in known or value.creator is not None:
                continue
        raise TypeError(
            f'{workflow} is strict, but has computed its output {label.replace("__", ".")} itself '
            f'({type(value).__name__}): return a node of a call, for example of a calcfunction'
        )


def _sources(execution: Execution, inputs: Mapping[str, Any]) -> dict[str, orm.Data]:
    """Return the nodes that the function has received, by link label."""
    named = {f'input_{name}': node for name, node in inputs.items()}
    for position, (name, pk) in execution.answered.items():
        node = cast(orm.ProcessNode, orm.load_node(pk))
        if node.is_finished_ok:
            label = format_label(name, position)
            outputs = flatten(read_outputs(node))
            named.update({f'{label}_{output}': value for output, value in outputs})
    unique = {node.pk: name for name, node in named.items() if isinstance(node, orm.Data)}
    return {name.replace('__', '_'): named[name] for name in unique.values()}
