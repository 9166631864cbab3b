"""A run, or a group of runs, as a single web page that needs no network."""

from .group_page import write_group_page
from .page import write_page

__all__ = ['write_group_page', 'write_page']
