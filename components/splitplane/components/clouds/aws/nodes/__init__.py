"""Nodes that EKS manages: the system's, groups, their role and security."""
