"""Who may do what: people, their organisations and roles, how they sign in, and the tokens of their programs."""
