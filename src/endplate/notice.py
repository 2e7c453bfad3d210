"""What every output carries."""

BANNER = "For research, teaching and trial design; not a medical device."
