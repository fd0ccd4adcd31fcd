"""Telegram in a box: an embedded server that speaks real MTProto to unmodified clients on loopback."""
