"""Markdown, for Obsidian or for any reader of CommonMark."""
