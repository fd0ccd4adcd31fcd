"""Everything about files that are on disk already: other places for them, and smaller or more common versions."""
