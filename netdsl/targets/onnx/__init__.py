"""The ONNX target: a graph without its weights, and a writer that streams the weights into the file."""
