"""Registers: who does what towards what, as files of their own; from recognising one to the rows that it adds."""

from pipelines.registers.prepare import PreparedRegister, prepare_register
from pipelines.registers.read import list_organisations, recognise_register
from pipelines.registers.view import view_register

__all__ = ["PreparedRegister", "list_organisations", "prepare_register", "recognise_register", "view_register"]
