"""HTTP around the API: problems, middleware, authentication, metrics, logs."""
