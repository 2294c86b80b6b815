"""What needs no Streamlit: the gate, sign in, the page's shell, choices kept in cookies, health."""
