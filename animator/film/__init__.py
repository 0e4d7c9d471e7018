"""The film room: what lies on disk, and what plays.

What comes in: a Document and finished frames. What goes out: a folder that can be trusted after any crash, and an MP4
of exactly its frames. What may be touched: the film's own folder, through `animator.files`.

    outputs/reef/frames/000123.png          what people see
    outputs/reef/states/000123.safetensors  latent and optimiser after that frame
    outputs/reef/journal.jsonl              a line a frame: its key, its FrameSpec, the sha256 of PNG and state
    outputs/reef/beyond/                    frames behind the end of a film that was longer once
    outputs/reef/base.json                  what frames are made of, and which version made them
    outputs/reef/scene.yaml                 the scene as it was when the last run began
    outputs/reef/reef.mp4                   the film; reef.mp4.made-from.json says of what
    outputs/reef/making/000000/             the picture after each step of a frame, where somebody asked for that
    outputs/reef/latest.png, sheet.png      what can be looked at while frames are rendered
    outputs/reef/progress.jsonl             how long frames took, and what looks odd; no frame depends on it
    outputs/reef/retried.json               frames that have another seed, since their loss was no number
    outputs/reef/shots/000120/              the same for a shot that was rendered apart, by its first frame
    outputs/reef/run.json                   what the film was made from and how

`keys` says which frames a scene asks for, `folder` which of them are there, `borrow` which a film beside it has, or its
own shots, `retried` which have another seed, `writer` commits one, `states` is what the next frame starts from,
`encode` makes the film, `soundtrack` gives it its sound, `interpolate` puts pictures between. `making` keeps what a
frame was after each step, and `timelapse` makes a film of that. `codecs` are ways to code a film, one file each.
`glance` is what one looks at meanwhile, `progress` how long frames took, `checks` says which look odd, `labels` writes
below pictures, and `test_card` makes a film of the camera alone. `dissolve` mixes shots at soft cuts. `embedded` is the
scene that a film carries, and `compare` tells two films apart. Only `states` imports torch, and `writer` what it is
given.
"""
