"""Every word of the pages, one page or family of pages to a file; each function returns a `core.pages.Page`."""
