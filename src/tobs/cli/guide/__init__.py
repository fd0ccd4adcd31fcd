"""`tobs` alone in a terminal: a few questions, each answer shown as the command that does the same.

What it does it does by those commands, run as if they had been typed. The questions are drawn by questionary, which
only this package imports.
"""
