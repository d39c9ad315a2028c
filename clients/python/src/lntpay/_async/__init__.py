"""The client for one kind of functions; _sync is made from _async when the package is built."""
