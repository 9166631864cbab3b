"""What is kept of a run besides its graph: the order of completions, and values from outside."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from .lines import Position

_NOT_A_LABEL = re.compile(r'[^A-Za-z0-9]+')


def format_position(position: Position) -> str:
    """Return ``2x0x1`` for the second call of the first line of the third call."""
    return 'x'.join(map(str, position))


def parse_position(text: str) -> Position:
    """Return the position that :func:`format_position` has written.

    :raises ValueError: if it has not.
    """
    return tuple(int(number) for number in text.split('x'))


def format_label(name: str, position: Position, epoch: int = 0) -> str:
    """Return the link label of a call: the name of what is called, then where it is called.

    Labels are letters, digits and single underscores. The last part is the position, whatever the
    name; ``e1x`` stands before it once the workflow has continued as new.
    """
    name = _NOT_A_LABEL.sub('_', name).strip('_') or 'call'
    prefix = f'e{epoch}x' if epoch else ''
    return f'{name}_{prefix}{format_position(position)}'


def parse_label(label: str) -> tuple[str, int, Position] | None:
    """Return the name, the epoch and the position in a link label; ``None`` if it has none."""
    name, _, rest = label.rpartition('_')
    # So many digits that a stranger's label cannot hold a number that Python refuses to read.
    match = re.fullmatch(r'(?:e([0-9]{1,9})x)?([0-9]{1,9}(?:x[0-9]{1,9})*)', rest)
    if match is None or not name:
        return None
    return name, int(match[1] or 0), parse_position(match[2])


@dataclass
class Journal:
    """The part of a run's history that is not in the graph.

    :ivar order: the positions of calls and timers in the order in which they were delivered.
    :ivar values: what came from outside, by the position of the call: its kind and a plain value.
    :ivar patches: what :func:`patched` has answered.
    :ivar epoch: how often the workflow has continued as new.
    :ivar arguments: the arguments it has continued with: plain values, nodes by their UUID.
    """

    order: list[Position] = field(default_factory=list)
    values: dict[Position, tuple[str, Any]] = field(default_factory=dict)
    patches: dict[str, bool] = field(default_factory=dict)
    epoch: int = 0
    arguments: dict[str, Any] | None = None

    def dumps(self) -> str:
        """Return the journal as one short string."""
        state: dict[str, Any] = {'order': ' '.join(map(format_position, self.order))}
        if self.values:
            state['values'] = {format_position(key): value for key, value in self.values.items()}
        if self.patches:
            state['patches'] = self.patches
        if self.epoch:
            state.update(epoch=self.epoch, arguments=self.arguments)
        return json.dumps(state, separators=(',', ':'))

    @classmethod
    def loads(cls, text: str) -> Journal:
        """Return the journal that :meth:`dumps` has written.

        :raises ValueError: if it has not.
        """
        try:
            state = json.loads(text)
            journal = cls(
                order=[parse_position(position) for position in state['order'].split()],
                values={
                    parse_position(key): (kind, value)
                    for key, (kind, value) in state.get('values', {}).items()
                },
                patches={str(name): bool(one) for name, one in state.get('patches', {}).items()},
                epoch=int(state.get('epoch', 0)),
                arguments=state.get('arguments'),
            )
        except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
            raise ValueError(f'the journal is damaged: {error!r}') from error
        return journal


def as_plain(value: Any, what: str) -> Any:
    """Return a value as it comes back from the journal: tuples as lists, numpy scalars as numbers.

    :param what: what the value is, for the message.
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
