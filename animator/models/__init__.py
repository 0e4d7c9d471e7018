"""The models room: a name -> verified files, and the networks built from them.

What comes in: the names that scenes use, files and addresses of models. What goes out: a `Model` (which file, is it
here, which words does it know), and from `networks` the frozen networks. What may be touched: the model store
(`lockfile.home()`) and the hub's cache; the network, by `fetch` alone.

`store` finds models, `catalogue` lists those that can be fetched, `lockfile` remembers what came, `download` brings one
file, `fetch` a model, `importing` converts a file that somebody has. `tokens` counts what a prompt is for a model and
`header` reads what a safetensors file says of itself. Only `networks` imports torch.
"""
