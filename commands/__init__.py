"""The command line, composed of all rooms: what is asked, what is answered, by this process or by the store's owner."""
