"""One message a line, as JSON: for programs, with everything that the archive has.

line.py     what a line says; schema.json is made from it by scripts/generate.py
format.py   from messages to lines
"""
