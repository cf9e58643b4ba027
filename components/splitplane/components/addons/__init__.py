"""Add-ons of a cluster: Argo CD, and what Argo CD keeps installed. No cloud's name stands here."""
