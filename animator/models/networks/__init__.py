"""Frozen networks, built from verified files. Here, and nowhere else in the models room, torch is imported.

What comes in: paths of models. What goes out: modules without gradients for their weights. `clip` and `vqgan` read the
files of OpenAI and of taming-transformers and run nothing that is in them; `code_transformer` draws a VQGAN's codes,
and `outpainting` makes wide and high pictures of squares; `reading` bounds what a file may ask for; `cpu` holds what
only a processor needs; `torch_internals` names the parts of torch that have no public name.
"""
