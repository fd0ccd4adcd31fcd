"""The engine: fetch → process → write under one TaskGroup, then project. It knows only core's ports."""
