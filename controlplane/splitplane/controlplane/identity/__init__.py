"""Who is calling: tokens, one-time codes, and the first administrator."""
