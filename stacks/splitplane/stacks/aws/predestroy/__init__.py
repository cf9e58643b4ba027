"""Takes out of a cluster and an account what would keep `pulumi destroy` from ending."""
