"""Errors of slab generation; each front end names the options in its own way."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias


@dataclass(frozen=True)
class Mention:
    """An option of :class:`~aiida_slabrelax.slab_options.SlabOptions` in a message.

    :ivar form: ``is``: the option has this value; ``set``: it should have.
    :ivar option: its name.
    :ivar value: the value.
    :ivar capital: whether it begins a sentence.
    """

    form: Literal['is', 'set']
    option: str
    value: object
    capital: bool = False

    def worded(self, words: Words) -> str:
        """Return the mention in the words of a front end, capitalised in a sentence's beginning."""
        text = words(self)
        return text[0].upper() + text[1:] if self.capital else text


#: How a front end mentions an option.
Words: TypeAlias = Callable[[Mention], str]


def in_python(mention: Mention) -> str:
    """Return the name of an option in Python and of ports."""
    if mention.form == 'is':
        return f'{mention.option} is {mention.value}'
    return f'set {mention.option} to {mention.value}'


class Reason(str):
    """A message with the names of options in Python, which a front end can replace.

    :ivar parts: texts and mentioned options.
    """

    parts: tuple[str | Mention, ...]

    def __new__(cls, *parts: str | Mention) -> Reason:
        """Join the parts; nested reasons keep their mentions."""
        flat = [inner for part in parts for inner in getattr(part, 'parts', (part,))]
        reason = super().__new__(cls, _join(flat, in_python))
        reason.parts = tuple(flat)
        return reason

    @property
    def option(self) -> str | None:
        """The option that the message mentions first."""
        return next((part.option for part in self.parts if isinstance(part, Mention)), None)

    def worded(self, words: Words) -> str:
        """Return the message as a front end words it."""
        return _join(self.parts, words)


def _join(parts: Iterable[str | Mention], words: Words) -> str:
    return ''.join(part if isinstance(part, str) else part.worded(words) for part in parts)


class SlabGenerationError(ValueError):
    """No slab can be generated; the message says why and what to change.

    :ivar reason: the message; ``worded`` returns it for a front end.
    :ivar option: the input that it concerns: ``miller_indices``, ``max_index`` or a field of
        :class:`~aiida_slabrelax.slab_options.SlabOptions`; None for the crystal.
    """

    def __init__(self, *parts: str | Mention, option: str | None = None) -> None:
        self.reason = Reason(*parts)
        self.option = self.reason.option if option is None else option
        super().__init__(self.reason)
