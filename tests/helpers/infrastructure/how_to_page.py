"""A page of the documentation, taken apart into what its reader does, in order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

#: A heading, or a fenced block with its language, its caption and its content.
_PART = re.compile(
    r'^#+ (?P<heading>[^\n]+)$'
    r'|^```(?:\{code-block\} *)?(?P<language>\w*)\n(?::caption: (?P<caption>[^\n]+)\n\n)?'
    r'(?P<content>.*?)^```$',
    re.MULTILINE | re.DOTALL,
)
_COMMAND = re.compile(r'^\$ (?P<text>(?:.*\\\n)*.*)\n?(?P<shown>(?:(?!\$ ).*\n)*)', re.MULTILINE)


@dataclass(frozen=True)
class Section:
    """A section begins."""

    heading: str


@dataclass(frozen=True)
class File:
    """A file to write: a block with a caption."""

    name: str
    content: str


@dataclass(frozen=True)
class Command:
    """A command to type, and what the page shows of its output."""

    text: str
    shown: str


Step = Section | File | Command


def read(page: Path) -> list[Step]:
    """Return the steps of a page.

    :raises AssertionError: if a line looks like a command and is not among them.
    """
    text = page.read_text('utf-8')
    steps = list(_steps(text))
    commands = [step.text.split('\n')[0] for step in steps if isinstance(step, Command)]
    assert commands == re.findall(r'^\s*\$ (.*)$', text, re.MULTILINE), text
    return steps


def _steps(text: str) -> Iterator[Step]:
    for part in _PART.finditer(text):
        if part['heading']:
            yield Section(part['heading'])
        elif part['caption']:
            yield File(part['caption'], part['content'])
        elif part['language'] == 'console':
            for command in _COMMAND.finditer(part['content']):
                yield Command(command['text'], command['shown'])


def shows(shown: str, printed: str) -> bool:
    """Return whether the lines that a page shows were printed.

    Numbers, and how far columns are apart, may differ; exit statuses, as ``[0]``, may not. A line
    ``...`` stands for any lines.
    """
    pattern = ''.join(_line(line.split()) for line in shown.splitlines())
    return re.search(f'^{pattern}', printed.rstrip('\n') + '\n', re.MULTILINE) is not None


def _line(words: list[str]) -> str:
    if words == ['...']:
        return r'(?:.*\n)*'
    return '[^\\S\n]*' + '[^\\S\n]+'.join(map(_word, words)) + '[^\\S\n]*\n'


def _word(word: str) -> str:
    if re.fullmatch(r'\[\d+\]', word):
        return re.escape(word)
    if re.fullmatch('-+', word):  # under the heading of a column
        return '-+'
    return re.sub(r'\d+', r'\\d+', re.escape(word))
