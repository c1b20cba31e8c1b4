"""Stand-ins that speak the engine's plugin protocols."""
