"""The conversations of the demo world. People, places and companies in them are invented."""
