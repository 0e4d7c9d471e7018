"""The report room: who watches.

What comes in: records of what happens (`events`, and those of `animator.models.facts`). What goes out: sentences, bars,
lines and JSON. What may be touched: the streams that a sink was given.

`events` says what there is to see, `sentences` says it in English - nothing in the rooms before this one does -
`sinks` is an axis of ways to show it. `plan` describes a film
before it is rendered, with a `ruler` of bars; `song` describes and draws a song. `reference` lists every option,
`downloads` shows bytes that come.
"""
