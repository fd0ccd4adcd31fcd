"""Media as bytes: how they are stored while they come, copied, and worked on."""
