"""What waits for a person: notices on the site. It knows no other part's rules; each part says what to tell."""
