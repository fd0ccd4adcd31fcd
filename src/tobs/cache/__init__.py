"""Plain values kept between runs: deletable at any time, and never the truth."""
