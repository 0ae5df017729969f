"""The public site: pages and an API over what the library knows. It asks the library, and holds no facts."""
