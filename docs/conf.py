"""Configuration of Sphinx."""

import os
from tempfile import TemporaryDirectory

# Ports and outlines are read from the classes with a profile loaded: one in memory, and an AiiDA
# of its own, so that the build neither needs nor touches that of the user. Matplotlib, too, makes a
# folder in the user's home when it is imported.
_scratch = TemporaryDirectory(prefix='aiida-docs-')
os.environ['AIIDA_PATH'] = os.environ['MPLCONFIGDIR'] = _scratch.name

from aiida import load_profile
from aiida.storage.sqlite_temp import SqliteTempBackend

import aiida_slabrelax

load_profile(SqliteTempBackend.create_profile('docs'), allow_switch=True)

project = 'aiida-slabrelax'
author = 'The aiida-slabrelax developers'
version = release = aiida_slabrelax.__version__

extensions = [
    'aiida.sphinxext',
    'myst_parser',
    'sphinx.ext.autodoc',
    'sphinx_click',
    'sphinx_copybutton',
]
exclude_patterns = ['_build']

myst_enable_extensions = ['colon_fence', 'dollarmath']
myst_heading_anchors = 3

autodoc_member_order = 'bysource'
autodoc_typehints = 'description'

# Every name of this package that is referred to must be documented; those of others are not linked.
nitpicky = True
nitpick_ignore_regex = [(r'py:.*', r'(?!aiida_slabrelax).*')]

copybutton_prompt_text = '$ '
copybutton_only_copy_prompt_lines = True

html_theme = 'furo'
html_title = f'aiida-slabrelax {release}'
