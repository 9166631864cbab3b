"""Bonds of a crystal, the groups that they hold together, and the bonds that cuts break."""
