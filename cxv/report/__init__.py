"""Records become cells, cells become tables, figures and a page. Nothing here imports torch."""
