"""The batch room: who runs.

What comes in: Documents and how they are to be rendered. What goes out: films, results, and events for whoever watches.
What may be touched: the folders of the films, and this process's handlers for signals.

`shot` renders one film, resumable at any moment; `run` renders many, one after another, and one that fails does not
stop the next; `stop` is how somebody asks for an end.
"""
