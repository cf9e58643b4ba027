"""Permissions: declared on every route, decided from rows, refused by default."""
