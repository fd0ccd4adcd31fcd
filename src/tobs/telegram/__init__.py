"""The only room that speaks Telethon (beside the simulator and the benchmark's floor)."""
