"""What makes a step faster on a processor: convolutions with fewer products, weights in the order of its library."""
