"""The batch room: who runs.

What comes in: Documents and how they are to be rendered. What goes out: films, results, and events for whoever watches.
What may be touched: the folders of the films, and this process's handlers for signals.

One film: an `order` is what is asked for, a `job` what is to be done, and `works` what a film is painted with. `shot`
has what can be done with a film, resumable at any moment; `frames` paints what is missing of it, `finish` makes the
film of its frames, `timelapse` the film of their making, with `replay` for what was not recorded, and `record` notes
what it was made from. `run` does one of these works in this process, also with many films in turn. `preview`, `sweep`
and `watch` are for those who write a scene. `stop` is how somebody asks for an end.

Many films: `batch` begins and ends one, `night` watches it, by the `queue`, its `limits` and `retries`; `controls` is
its folder, through which others watch it and ask. `tasks` go to `runners`, one file each, and a `worker` does them;
`estimate` says beforehand how long they take.
"""
