"""Decoders of smart cards and of the INS datamatrix: bytes in, identity candidates out."""
