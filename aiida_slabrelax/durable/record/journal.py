"""The record of a run beside its graph: the order of completions, and values from outside."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from ..scheduling.tasks import Position

#: The rules by which a function is run, kept in its journal. By those of 0.1.0, 0, as_completed()
#: gives what is done in the order of its arguments, and errors that nobody awaits are nothing.
RULES = 1

_NOT_A_LABEL = re.compile(r'[^A-Za-z0-9]+')


def format_position(position: Position) -> str:
    """Return ``2x0x1`` for the second call in the first task that the third call started."""
    return 'x'.join(map(str, position))


def parse_position(text: str) -> Position:
    """Return the position in a text of :func:`format_position`.

    :raises ValueError: if the text is another one.
    """
    return tuple(int(number) for number in text.split('x'))


def format_label(name: str, position: Position, epoch: int = 0) -> str:
    """Return the link label of a call: the name of the callee, then the position of the call.

    Labels are letters, digits and single underscores. The last part is the position, whatever the
    name; ``e1x`` precedes it once the workflow has continued as new.
    """
    name = _NOT_A_LABEL.sub('_', name).strip('_') or 'call'
    prefix = f'e{epoch}x' if epoch else ''
    return f'{name}_{prefix}{format_position(position)}'


def parse_label(label: str) -> tuple[str, int, Position] | None:
    """Return the name, the epoch and the position in a link label; ``None`` if it has none."""
    name, _, rest = label.rpartition('_')
    # At most nine digits: labels of others may hold numbers that Python refuses to read.
    match = re.fullmatch(r'(?:e([0-9]{1,9})x)?([0-9]{1,9}(?:x[0-9]{1,9})*)', rest)
    if match is None or not name:
        return None
    return name, int(match[1] or 0), parse_position(match[2])


@dataclass
class Journal:
    """The part of a run's history that is not in the graph.

    :ivar order: the positions of calls and timers in the order in which they were delivered.
    :ivar values: the values from outside by position: the command and its plain value.
    :ivar patches: the answers of :func:`patched`.
    :ivar epoch: how often the workflow has continued as new.
    :ivar arguments: the arguments with which it has: plain values, nodes by their UUID.
    :ivar rules: the rules by which the function is run.
    """

    order: list[Position] = field(default_factory=list)
    values: dict[Position, tuple[str, Any]] = field(default_factory=dict)
    patches: dict[str, bool] = field(default_factory=dict)
    epoch: int = 0
    arguments: dict[str, Any] | None = None
    rules: int = RULES

    def count_values(self) -> int:
        """Return how many values and answers there are; within an epoch there are only more."""
        return len(self.values) + len(self.patches)

    def dumps(self) -> str:
        """Return the journal as one short string."""
        state: dict[str, Any] = {'order': ' '.join(map(format_position, self.order))}
        if self.values:
            state['values'] = {format_position(key): value for key, value in self.values.items()}
        if self.patches:
            state['patches'] = self.patches
        if self.epoch:
            state.update(epoch=self.epoch, arguments=self.arguments)
        if self.rules:
            state['rules'] = self.rules
        return json.dumps(state, separators=(',', ':'))

    @classmethod
    def loads(cls, text: str) -> Journal:
        """Return the journal in a text of :meth:`dumps`.

        :raises ValueError: if the text is another one.
        """
        try:
            state = json.loads(text)
            journal = cls(
                order=[parse_position(position) for position in state['order'].split()],
                values={
                    parse_position(key): (_present_name(command), value)
                    for key, (command, value) in state.get('values', {}).items()
                },
                patches={str(name): bool(new) for name, new in state.get('patches', {}).items()},
                epoch=int(state.get('epoch', 0)),
                arguments=state.get('arguments'),
                rules=int(state.get('rules', 0)),
            )
        except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
            raise ValueError(f'the journal is damaged: {error!r}') from error
        return journal


def _present_name(command: str) -> str:
    """Return a command under its present name: journals of 0.1.0 have ``local`` in it."""
    return re.sub(r'^local\(', 'side_effect(', command)


def as_plain(value: Any, what: str) -> Any:
    """Return a value as in the journal: tuples as lists, numpy scalars as numbers.

    :param what: the name of the value in messages.
    :raises TypeError: if it is not made of plain values.
    """
    try:
        return json.loads(json.dumps(value, default=_simplify))
    except (TypeError, ValueError) as error:
        raise TypeError(
            f'{what} must be made of None, booleans, numbers, strings, lists and dictionaries, '
            f'so that it can be kept; it is {value!r}'
        ) from error


def _simplify(value: Any) -> Any:
    item = getattr(value, 'item', None)
    if callable(item) and getattr(value, 'ndim', None) == 0:
        return item()
    raise TypeError(type(value).__name__)
