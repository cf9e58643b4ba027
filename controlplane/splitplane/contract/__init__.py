"""Wire and API models that the control plane, the agent, the client and the provider share.

Imports pydantic and the standard library only, and nothing of the other parts.
"""
