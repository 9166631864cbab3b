"""Failed slabs are run again: with a remedy in the same run, or by a new run."""
