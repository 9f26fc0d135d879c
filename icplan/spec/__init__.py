"""What a user asks for: types that mirror AWS's shapes, field rules, and the merge over what is described."""
