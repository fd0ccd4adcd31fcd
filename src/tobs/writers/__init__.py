"""From the archive to files: each format is a projection that can be made again at any time."""
