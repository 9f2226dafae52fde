"""From records to rows: what every table and figure is made of."""
