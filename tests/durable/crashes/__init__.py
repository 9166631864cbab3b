"""Workers that are killed; a package, so that pytest ends the fixtures of its scope with it."""
