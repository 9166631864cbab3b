"""How the tests on real infrastructure read a page, which need its services and run elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from infrastructure.how_to_page import Command, File, Section, read, shows

PAGE = """# Title

```{code-block} yaml
:caption: a.yml

key: value
# no heading
```

```console
$ one --long \\
    two
$ three
printed
...
end
```

```python
print('no command')
```
"""


def test_the_steps_of_a_page_are_in_order(tmp_path: Path) -> None:
    page = tmp_path / 'page.md'
    page.write_text(PAGE)
    assert read(page) == [
        Section('Title'),
        File('a.yml', 'key: value\n# no heading\n'),
        Command('one --long \\\n    two', ''),
        Command('three', 'printed\n...\nend\n'),
    ]


def test_a_command_outside_a_console_is_refused(tmp_path: Path) -> None:
    page = tmp_path / 'page.md'
    page.write_text(PAGE + '\n```text\n$ four\n```\n')
    with pytest.raises(AssertionError, match='four'):
        read(page)


@pytest.mark.parametrize(
    ('shown', 'printed', 'expected'),
    [
        ('', 'anything\n', True),
        ('slab_00  relaxed   -1.5\n', 'before\nslab_01 relaxed -22.75\nafter\n', True),
        ('slab_00  relaxed\n', 'slab_00  failed\n', False),
        ('slab_00  relaxed\n', 'slab_00  relaxed  12\n', False),
        ('---  --\n', '-----  -\n', True),
        ('first\n...\nlast\n', 'first\nother\nother\nlast\n', True),
        ('first\n...\nlast\n', 'last\nfirst\n', False),
        ('run<26> finished [0]\n', 'run<31> finished [0]', True),
        ('run<26> finished [0]\n', 'run<26> finished [402]', False),
    ],
)
def test_what_a_page_shows_was_printed(shown: str, printed: str, expected: bool) -> None:
    assert shows(shown, printed) is expected
