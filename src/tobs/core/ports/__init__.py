"""The protocols through which the layers meet; app hands the real things over.

`export` knows only these. An adapter that needs what a sibling offers (telegram wants the peer cache,
writers want the archive) takes it as one of these too.
"""
