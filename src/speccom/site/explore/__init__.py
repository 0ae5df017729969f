"""The public pages over the register: who commissions what, explained, at any date.

How a page comes about: `urls` → `views` (five lines: read, ask, present, render) → `forms` (what was
asked, or a refusal) → `queries/` (what the library is asked; no words) → `presenters/` (every word and
table; returns a `core.pages.Page`) → `jinja2/explore/` (lays out what the presenter says). `content/` holds
words that are rows. Nothing here imports an engine.

Where the parts that grow plug in:

- Search: `search.search(register, query, limit) -> list[Hit]` for the nearest matches of refusals and the
  API; `search.find` for the search page, which also says what is not specialised and how words were read.
  `content/everyday_words.csv` holds everyday words; `presenters.search` gives hits their words.
- What words mean as a question (a town, a former board, a GP practice): `queries.meaning`.
- API: `api/`, at `/api/v1/`, asks `queries/` and the register. `api.addresses` leads from a page to the same
  answer there: a new page adds a row, or sets `Page.api` itself. `core/layout.jinja` shows it.
- Downloads: every `core.pages.Table` of a page is whole and has a `key`. `downloads` gives it its files,
  which `core/macros.jinja` links below each table; a template that lays tables out otherwise calls
  `lay.file_links`.
- Feed: `feeds`, of the days on which something changed.
- Pictures: `queries.timeline.lines_by_region` and `map_on` are their data, `charts.spells` and
  `charts.boards` draw them, `presenters.pictures` gives them words, `explore/pictures.jinja` lays them out.
- Browser tests: every page has one `h1`, `main#maincontent`, and tables with captions; `/health/` says
  when the site is ready.
"""
