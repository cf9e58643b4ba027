"""Karpenter on EKS: pools, machines, rights, the controller."""
