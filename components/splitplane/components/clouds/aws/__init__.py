"""Amazon Web Services: EKS and what it stands on."""
