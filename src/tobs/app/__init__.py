"""The composition root: settings in, wired objects out, closed in order; one module for each thing tobs does."""
