"""What the pages ask of the library, one subject to a file: rows and codes in, rows and codes out, no words."""
