"""Disks and shared files on EKS."""
