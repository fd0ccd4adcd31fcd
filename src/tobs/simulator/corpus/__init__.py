"""The content of the worlds: people, files, gallery and prose."""
