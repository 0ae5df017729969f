"""The public pages of money: what each area's share would be, how fast it gets there, and why.

`urls` → `views` → `forms` (what was asked, or a refusal) → `queries` (results of the library, remembered) →
`presenters` (every word, table and picture) → `jinja2/finance/`. Each of these folders has one module for
each subject; a new subject adds its module to each, its addresses to `urls` and its way in to
`presenters.start`.
"""
