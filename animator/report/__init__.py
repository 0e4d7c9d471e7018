"""The report room: who watches.

What comes in: records of what happens (`events`, and those of `animator.models.facts`). What goes out: sentences, bars,
lines and JSON. What may be touched: the streams that a sink was given.

`events` says what there is to see, of films (`film_events`) and of batches (`batch_events`); `wire` makes plain values
of them and back, and `sentences` says them in English, as nothing in the rooms before this one does. `sinks` is an axis
of ways to show them. `plan` describes a film before it is rendered, with a `ruler` of bars; `song`
describes and draws a song. `film_page` draws a film with `charts`, `live` serves that to this machine, and `gallery`
shows all films of a folder; `pages` holds what they look like. A `ledger` knows how far a batch is, `status` says so,
`batch_page` draws it, `notify` tells somebody, and `task_lists` says a batch to other programs. `difference` compares
two scenes. `reference` lists every option, `schema` says the same
to editors, from `schema_records`. `downloads` shows bytes that come.
"""
