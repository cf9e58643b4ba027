"""One module for each group of commands; they import what they need when they run."""
