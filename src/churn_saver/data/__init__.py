"""Tables: frames in, checked frames out."""
