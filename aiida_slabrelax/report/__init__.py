"""A run as a single web page that needs no network."""

from .page import write_page

__all__ = ['write_page']
