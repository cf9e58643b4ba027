"""Hosted zones that are made, and the certificate that is proven in zones."""
