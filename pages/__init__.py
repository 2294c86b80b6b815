"""What a signed-in person sees; beside app.py the only room that imports streamlit."""
