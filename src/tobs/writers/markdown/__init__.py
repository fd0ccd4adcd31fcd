"""Markdown for Obsidian: one note a month, and nothing that a plain CommonMark reader would not show."""
