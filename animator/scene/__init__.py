"""The scene room: YAML text -> a `Document` with one FrameSpec a frame. No torch.

What comes in: a scene file and the changes of the command line. What goes out: a `Document`, of which every part is
known to be good, or a SceneError with all its problems, each with its place. What may be touched: files that the scene
names are read (pictures, songs, headers of models) and nothing is written.

`document` calls the rest in turn: `yaml_reader` (text -> plain values), `overrides`, `choices`, `prompts` and `words`
(what has a grammar of its own), `scene` and `audio` (the records), `needs` (models and pictures), `timeline` (scene ->
frames, stored as `columns`, `pulls` and `moves`; `loops` lead back to the first one). `times`, `curves` and
`expressions` are what people write. A `clock` knows the film's length and its `music`, and makes seconds and numbers of
them, with `arithmetic`, `shapes` and `easings`. `motions` is an axis. A scene is read once: what others need of it is
in the Document.
"""
