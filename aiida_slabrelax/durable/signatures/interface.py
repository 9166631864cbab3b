"""The ports of a process from the signature of a function, and arguments from inputs."""

from __future__ import annotations

import hashlib
import inspect
import typing
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from types import NoneType
from typing import Any, Literal, get_args, get_origin

import docstring_parser
import numpy as np
from aiida import orm
from aiida.engine import OutputPort, PortNamespace

from ..values.plain import alternatives, check_member, to_node, to_plain
from .annotations import read_annotations

_NODE_OF: dict[Any, type[orm.Data]] = {
    bool: orm.Bool,
    int: orm.Int,
    float: orm.Float,
    str: orm.Str,
    list: orm.List,
    tuple: orm.List,
    dict: orm.Dict,
    np.ndarray: orm.ArrayData,
}

#: Exit codes of a workflow: status and message by label.
ExitCodes = Mapping[str, tuple[int, str]]

#: Takes the arguments of the function by name; returns a message if they are wrong, or ``None``.
Validate = Callable[..., str | None]

#: Functions that turn a value into a node, by the name of a parameter.
Serializers = Mapping[str, Callable[[Any], Any]]


class Interface:
    """The inputs and outputs of a function as a process.

    :param function: the function of a workflow.
    :param exit_codes: its own exit codes.
    :param validate: checks the arguments before anything is stored.
    :param serializers: what turns the values of some parameters into nodes, by name.
    :raises TypeError: if it has parameters that cannot be ports, or lacks one that is named.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        exit_codes: ExitCodes,
        validate: Validate | None = None,
        serializers: Serializers | None = None,
    ) -> None:
        self.function = function
        self.exit_codes = exit_codes
        self.validate = validate
        self.serializers = serializers or {}
        self.signature = inspect.signature(function)
        for parameter in self.signature.parameters.values():
            if parameter.kind in (parameter.VAR_POSITIONAL, parameter.POSITIONAL_ONLY):
                raise TypeError(
                    f'{function.__name__}: the parameter {parameter.name} has no name by which it '
                    'could be an input; give the function parameters with names, or a list'
                )
            if parameter.name == 'metadata':
                raise TypeError(f'{function.__name__}: every process has an input metadata already')
        if missing := sorted(set(self.serializers) - set(self.signature.parameters)):
            raise TypeError(f'{function.__name__} has no parameter {", ".join(missing)}')

    @property
    def names(self) -> set[str]:
        """The names of the parameters."""
        return set(self.signature.parameters)

    @cached_property
    def _annotations(self) -> dict[str, Any]:
        """The annotations; read when they are needed, as their names may be those of later imports.

        :raises TypeError: if one cannot be read.
        """
        annotations, unread = read_annotations(self.function)
        for name, reason in unread.items():
            raise TypeError(
                f'{self.function.__name__}: the annotation of {name} cannot be read: {reason}'
            )
        return annotations

    def define(self, spec: Any) -> None:
        """Define the ports and exit codes of the process.

        :raises TypeError: if an annotation cannot be read.
        """
        doc = docstring_parser.parse(self.function.__doc__ or '')
        helps = {parameter.arg_name: parameter.description for parameter in doc.params}
        spec.inputs.help = doc.short_description
        for parameter in self.signature.parameters.values():
            self._define_input(spec, parameter, helps.get(parameter.name))
        if self.validate is not None:
            spec.inputs.validator = self._find_mistake
        spec.outputs.dynamic = True
        spec.outputs.valid_type = (orm.Data, dict)
        _define_outputs(spec.outputs, self._annotations.get('return'))
        for label, (status, message) in self.exit_codes.items():
            spec.exit_code(status, label, message=message)

    def bind(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
        """Return the arguments of a call as inputs by name.

        :raises TypeError: if they do not fit the signature.
        """
        inputs = dict(kwargs)
        metadata = inputs.pop('metadata', None)
        names = list(self.signature.parameters)
        if len(args) > len(names):
            raise TypeError(
                f'{self.function.__name__}() takes {len(names)} arguments, not {len(args)}'
            )
        for name, value in zip(names, args, strict=False):
            if name in inputs:
                raise TypeError(f'{self.function.__name__}() got {name} twice')
            inputs[name] = value
        if metadata is not None:
            inputs['metadata'] = metadata
        return {
            name: value
            for name, value in inputs.items()
            if value is not None or self._is_none_said(name)
        }

    def _is_none_said(self, name: str) -> bool:
        """Return whether None is another value for a parameter than to leave it out."""
        parameter = self.signature.parameters.get(name)
        if parameter is None or parameter.kind is parameter.VAR_KEYWORD:
            return False
        has_default = parameter.default is not parameter.empty
        return has_default and parameter.default is not None and not self._member_class(name)

    def with_none(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """Return the inputs of a stored process with those that were None.

        A default that is not None is an input of the process, unless None was given in its place.
        """
        nothing = [name for name in self.signature.parameters if self._is_none_said(name)]
        return {**dict.fromkeys(nothing), **inputs}

    def arguments(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """Return the inputs of a process as the arguments of the function.

        Nodes of AiiDA's base types become plain values, unless the parameter asks for the node.
        """
        arguments = {}
        for parameter in self.signature.parameters.values():
            if parameter.kind is parameter.VAR_KEYWORD:
                known = {*self.signature.parameters, 'metadata'}
                rest = {name: value for name, value in inputs.items() if name not in known}
                hint = self._annotation(parameter.name)
                arguments.update({name: to_plain(value, hint) for name, value in rest.items()})
            elif parameter.name in inputs:
                value = inputs[parameter.name]
                if isinstance(value, Mapping):
                    value = dict(value)
                hint = self._annotation(parameter.name)
                wanted = _node_classes(hint)
                arguments[parameter.name] = value if wanted else to_plain(value, hint)
        return arguments

    def _find_mistake(self, inputs: Mapping[str, Any], _: object) -> str | None:
        """Return what is wrong with the inputs, each of which is valid for its port."""
        assert self.validate is not None
        parameters = self.signature.parameters.values()
        arguments = {
            parameter.name: parameter.default
            for parameter in parameters
            if parameter.default is not parameter.empty
        }
        return self.validate(**{**arguments, **self.arguments(inputs)})

    def source_hash(self) -> str:
        """Return a hash of the function's source text, or of its code where there is no text."""
        try:
            source = inspect.getsource(self.function).encode()
        except (OSError, TypeError):
            source = self.function.__code__.co_code
        return hashlib.sha256(source).hexdigest()[:16]

    def _define_input(self, spec: Any, parameter: inspect.Parameter, text: str | None) -> None:
        if parameter.kind is parameter.VAR_KEYWORD:
            spec.inputs.dynamic = True
            spec.inputs.valid_type = orm.Data
            return
        keywords: dict[str, Any] = {'help': text}
        annotation = self._annotation(parameter.name)
        if parameter.default is None:
            keywords['required'] = False
        elif parameter.default is not parameter.empty:
            to_node(parameter.default)  # refused here, not at each call
            keywords['default'] = lambda value=parameter.default: to_node(value)
        if (member := self._member_class(parameter.name)) is not None:
            keywords.pop('default', None)
            keywords['required'] = parameter.default is parameter.empty
            spec.input_namespace(parameter.name, dynamic=True, valid_type=member, **keywords)
        else:
            valid_type: tuple[type, ...] = _valid_types(annotation) or (orm.Data,)
            if self._is_none_said(parameter.name) and NoneType in get_args(annotation):
                valid_type = (*valid_type, NoneType)
            if not _node_classes(annotation):
                keywords['validator'] = lambda value, _: check_member(value, annotation)
            serializer = self.serializers.get(parameter.name, to_node)
            spec.input(parameter.name, valid_type=valid_type, serializer=serializer, **keywords)

    def _annotation(self, name: str) -> Any:
        return self._annotations.get(name, Any)

    def _member_class(self, name: str) -> type[orm.Data] | None:
        """Return the node class of the members if a parameter is a mapping of nodes."""
        return _member_class(self._annotation(name))


def _member_class(annotation: Any) -> type[orm.Data] | None:
    """Return the node class of the members if an annotation is that of a mapping of nodes."""
    for alternative in alternatives(annotation):
        arguments = get_args(alternative)
        if get_origin(alternative) in (dict, Mapping) and len(arguments) == 2:
            member = arguments[1]
            if isinstance(member, type) and issubclass(member, orm.Data):
                return member
    return None


def _node_classes(annotation: Any) -> tuple[type[orm.Data], ...]:
    classes = [hint for hint in alternatives(annotation) if isinstance(hint, type)]
    return tuple(hint for hint in classes if issubclass(hint, orm.Data))


def _valid_types(annotation: Any) -> tuple[type[orm.Data], ...]:
    """Return the node classes that an annotation accepts; empty if it accepts any."""
    accepted = set(_node_classes(annotation))
    hints = alternatives(annotation)
    literals = [
        type(value) for hint in hints if get_origin(hint) is Literal for value in get_args(hint)
    ]
    for hint in [*(hint for hint in hints if get_origin(hint) is not Literal), *literals]:
        if hint is NoneType:
            continue
        node_class = _NODE_OF.get(get_origin(hint) or hint)
        if node_class is not None:
            accepted.add(node_class)
        elif not (isinstance(hint, type) and issubclass(hint, orm.Data)):
            return ()
        if node_class is orm.Float:
            accepted.add(orm.Int)  # an integer is a float to Python
    return tuple(sorted(accepted, key=lambda node_class: node_class.__name__))


def _define_outputs(namespace: Any, annotation: Any) -> None:
    """Define the outputs that a ``TypedDict`` names.

    A nested one and a mapping of nodes are namespaces.
    """
    annotation = next(filter(typing.is_typeddict, alternatives(annotation)), None)
    if annotation is None:
        return
    for name, hint in typing.get_type_hints(annotation, include_extras=True).items():
        optional = get_origin(hint) is typing.NotRequired or not annotation.__total__
        value = get_args(hint)[0] if get_origin(hint) is typing.NotRequired else hint
        required = not optional and NoneType not in get_args(value)
        if typing.is_typeddict(value):
            namespace[name] = PortNamespace(name, required=required)
            _define_outputs(namespace[name], value)
        elif (member := _member_class(value)) is not None:
            namespace[name] = PortNamespace(
                name, required=required, dynamic=True, valid_type=member
            )
        else:
            valid_type: Any = _valid_types(value) or (orm.Data,)
            namespace[name] = OutputPort(name, valid_type=valid_type, required=required)
