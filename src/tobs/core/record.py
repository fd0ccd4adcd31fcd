"""What the records that are stored as JSON have in common."""

from __future__ import annotations

import msgspec


# The garbage collector need not look at records, since none of them refers back to what it stands in.
class Record(msgspec.Struct, omit_defaults=True, gc=False):
    """A record of plain values; as JSON and as a dictionary it is without the fields that hold their default.

    A float field's default is no float: give it `or 0`.
    """
