"""Policies on the inputs of resources; every rule is a function of plain values."""
