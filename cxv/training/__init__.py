"""How a network is trained, stopped and resumed."""
