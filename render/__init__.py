"""Runs the whole program without an engine and writes down everything that it declares."""
