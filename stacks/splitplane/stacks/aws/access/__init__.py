"""Turns the lines of the ConfigMap aws-auth of a cluster into access entries of EKS."""
