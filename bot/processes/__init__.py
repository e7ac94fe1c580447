"""The three processes of the product: web (edge), worker (reception and delivery), clock (what there is one of)."""
