"""The procedure function, one step per invocation: handler -> registry -> step -> logic and clients."""
