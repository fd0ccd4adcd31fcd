"""What a run measures of itself: collector, resources of the computer, words for people, Prometheus' text."""
