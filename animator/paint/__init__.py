"""The paint room: FrameSpecs -> pictures. Torch begins here.

What comes in: a scene's generators, encoders and losses with their options, and one FrameSpec a frame. What goes out:
frames (`animate.Frame`), one after another, and small records of what happens on the way. What may be touched: the
models' files are read; `process` and `allocator` set what holds for the whole process. Nothing is written or printed.

`animate` is the film as a fold, `optimize` one frame, `guide` what a frame minimises, `cutouts` what an encoder looks
at. `fit` brings a picture to one that is known: where a generator takes over, and where a loop goes back. `fading` lets
a finished picture go at a soft cut. `generators`, `encoders` and `losses` are axes: one file or folder each, whose
`Config` is read without torch.
"""
