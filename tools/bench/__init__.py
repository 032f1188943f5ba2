"""What ``spanwatch bench`` measures: a polling mix made with a fixed seed, and the rates of every stage over it."""
