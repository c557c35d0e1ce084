"""Methods side by side on any table of parts by month. Nothing of the holdout reaches a fit."""
