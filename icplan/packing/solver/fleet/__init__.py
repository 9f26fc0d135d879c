"""The cheapest fleet that holds conditions: cuts on the numbers of bins, with packings as their oracle."""
