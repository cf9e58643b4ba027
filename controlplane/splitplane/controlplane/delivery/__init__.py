"""From desired deployments to commands, and from what agents report to conditions."""
