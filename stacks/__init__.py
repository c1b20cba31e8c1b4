"""Composes the stack from its plan: platform, stores, observability, workloads."""
