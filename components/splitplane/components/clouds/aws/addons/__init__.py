"""Add-ons of EKS and controllers that need rights in AWS."""
