"""The batch room: who runs.

What comes in: Documents and how they are to be rendered. What goes out: films, results, and events for whoever watches.
What may be touched: the folders of the films, and this process's handlers for signals.

`job` is what is to be done, and `works` what a film is painted with. `shot` renders one film, resumable at any moment;
`run` does that, or another work, with many, one after another, and one that fails does not stop the next. `finish`
makes the film of its frames, `timelapse` the film of their making, with `replay` for what was not recorded. `preview`,
`sweep` and `watch` are for those who write a scene. `stop` is how somebody asks for an end.
"""
