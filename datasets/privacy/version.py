"""Which rules the gate decides by. An approval is bound to it: under other rules it has to be given anew."""

# Raised with every change of a rule, a threshold or a detector.
GATE_VERSION = "ir-2026.11"
