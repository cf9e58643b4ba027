"""A plugin for tests: components with every kind of input, beside a resource that they contain."""
