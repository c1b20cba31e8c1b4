"""Declares resources: one component a file, `(name, args, opts)`, and no decisions."""
