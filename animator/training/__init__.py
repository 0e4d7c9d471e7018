"""How the shipped models are made, and how people train their own.

What comes in: a folder of pictures, or the picture world that `world` draws; a recipe. What goes out: models as
safetensors, and samples to look at. What may be touched: a work folder, which a later sitting goes on from.
"""
