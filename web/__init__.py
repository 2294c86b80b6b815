"""What needs no Streamlit: the page's shell, choices kept in cookies, health."""
