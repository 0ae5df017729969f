"""The public pages over the register: who commissions what, explained, at any date.

How a page comes about: `urls` → `views` (five lines: read, ask, present, render) → `forms` (what was
asked, or a refusal) → `queries/` (what the library is asked; no words) → `presenters/` (every word and
table; returns a `core.pages.Page`) → `jinja2/explore/` (lays out what the presenter says). `content/` holds
words that are rows. Nothing here imports an engine.

Where the parts that grow plug in:

- Search: `search.search(register, query, limit) -> list[Hit]`, the one way in for the search page, the box
  as one types, the nearest matches of refusals and the API. `presenters.search` gives hits their words.
- API: asks `queries/` and `Register.explain`; a presenter sets `Page.api` to the address of the same
  answer, and `core/layout.jinja` has the block `after` for showing it. The API turns refusals into JSON
  itself, with the statuses of `core.refusals.KINDS`.
- Downloads: every `core.pages.Table` of a `Page.tables` is whole and has a `key`; `Table.plain` is its
  cells. `core/macros.jinja` lays every table out through `data_table`, the one place for links to files.
- Pictures: `queries.timeline.by_region` (a line's arrangement by region over time) and
  `queries.timeline.map_on` (boards by arrangement on a date) are their data. A presenter adds the SVG to
  its page, and the page's template lays it out above the table of the same rows.
- Browser tests: every page has one `h1`, `main#maincontent`, and tables with captions; `/health/` says
  when the site is ready.
"""
