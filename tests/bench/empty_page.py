import streamlit as st

st.set_page_config(layout="wide")
st.title("Vide")
