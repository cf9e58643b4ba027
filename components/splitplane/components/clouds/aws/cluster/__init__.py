"""The EKS cluster: versions, who may enter, the control plane, adoption."""
