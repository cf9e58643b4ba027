"""Schema migrations; `splitplane.controlplane.migrate` runs them at start."""
