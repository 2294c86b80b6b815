"""Frame -> something a person holds: Plotly figure, static SVG, HTML."""
