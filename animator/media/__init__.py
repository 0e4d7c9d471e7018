"""The media room: what people bring besides a scene, pictures and songs. No torch.

What comes in: paths. What goes out: plain values, pictures and samples. What may be touched: these files are read.

`pictures` reads prompts that are pictures, `audio` a song's samples, `beats` their rhythm; `ffmpeg` is the process that
songs are read and films are written by.
"""
