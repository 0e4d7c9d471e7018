"""The media room: what people bring besides a scene, such as pictures. No torch.

What comes in: paths. What goes out: plain values and pictures. What may be touched: these files are read.
"""
