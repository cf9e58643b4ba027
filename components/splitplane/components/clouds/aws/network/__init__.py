"""The network of an EKS compute plane: plan, checks, resources."""
