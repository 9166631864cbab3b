"""The signatures of functions: their annotations, their arguments, the ports that they become."""
