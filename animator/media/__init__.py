"""The media room: what people bring besides a scene, pictures, songs, notes and words. No torch.

What comes in: paths. What goes out: plain values, pictures and samples. What may be touched: these files are read, and
what was found in a song is kept in the user's cache.

`pictures` reads prompts that are pictures. `audio` reads a song's samples, `beats` finds their rhythm and `bands` how
loud they are; `song` remembers both, and `sections` are the parts of one. `midi` reads notes, `lyrics` words with their
times. `ffmpeg` is the process that songs are read and films are written by.
"""
