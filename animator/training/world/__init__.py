"""The picture world: what there is to paint, how it is painted and how it is said."""
