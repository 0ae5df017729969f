"""The same answers for programs, at `/api/v1/`: JSON and CSV, described by OpenAPI, open to every site.

A request comes through `middleware` (what holds for every answer) to `endpoints` (read what was asked with
the pages' own `forms`, ask the pages' own `queries`), which has `records` (what the register holds as flat
records) sent by `answers` (JSON or CSV, conditional, cached by the register's snapshot). `shapes` says what
is asked and answered, `description` makes the OpenAPI document of it, `errors` says what cannot be answered,
and `addresses` leads from a page to the same answer here.
"""
