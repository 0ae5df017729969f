"""Reviews of the portfolio: rounds, independent judgements, overrides and what comes of them."""
