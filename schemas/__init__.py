"""What things are: Pandera models, frozen dataclasses, enums. Imports nothing of ours."""
