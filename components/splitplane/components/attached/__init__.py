"""A cluster that exists already: probe, decision, and the component that attaches it."""
