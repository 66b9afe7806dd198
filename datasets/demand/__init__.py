"""Demand: how often what is withheld is asked for, and by how many organisations."""
