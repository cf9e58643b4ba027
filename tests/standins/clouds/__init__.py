"""Strict stand-ins for the clouds' plugins, for tests without an account.

They check what a program sends against the argument classes of the installed SDKs, keep objects in
a folder and answer with made-up outputs of the right types. What only the clouds know (replacement,
ids, names, what holds what) is in `tables/`, one file for each cloud. Stricter than the official
plugins: no value is converted to another type. Left out: quotas, permissions, waiting, and the
meaning of values.
"""
