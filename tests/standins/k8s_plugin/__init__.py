"""A strict stand-in for the official Kubernetes plugin, for tests where that cannot be had.

It takes what the `pulumi_kubernetes` SDK sends and applies it to a real API server by server-side
apply with strict field validation. Stricter than the official plugin: an object needs a name, and
an option that this stand-in does not do is refused instead of ignored. Left out: waiting until
objects are ready, Kustomize, YAML groups, patch resources; of Helm a release leaves its record.

The rules that it copies are in docs of the official plugin and in provider.go of
pulumi-kubernetes v4.32.0 (`DiffConfig`, `Check`, `Create`), checked 2026-11-21.
"""
