"""How the site is put together: settings, addresses, templates, static files and the server."""
