"""Every word of the pages, one family of pages to a file; each function returns a `core.pages.Page`."""
