"""Which hashtags Obsidian takes for tags (https://help.obsidian.md/tags)."""

from __future__ import annotations

import re

# At least one character that is no digit; an underscore at the edge could be read as emphasis.
_TAG = re.compile(r"#(?!_)(?=\w*[^\W\d_])\w+(?<!_)\Z")


def is_tag(text: str) -> bool:
    """Tell whether a hashtag may stand in a note as it is."""
    return _TAG.match(text) is not None
