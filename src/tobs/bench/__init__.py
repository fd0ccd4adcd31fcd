"""Measurements that anyone can repeat: fresh processes, interleaved rounds, ratios in one run."""
