"""One folder a cloud, with equal file names; no cloud imports another."""
