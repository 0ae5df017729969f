"""The public pages over the ledger: spend a head, access, intensity and flows, protected for everybody to see.

`urls` → `views` → `forms` (what was asked, or a refusal) → `queries` (protected results of the library, each
remembered until the ledger is built anew) → `presenters` (every word, table and picture) → `jinja2/insight/`.
No page sees a count that `insight.public` has not passed.
"""
