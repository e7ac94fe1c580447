"""People at their browsers and telephones, for demo and tests: HTTP clients that import nothing of the product."""
