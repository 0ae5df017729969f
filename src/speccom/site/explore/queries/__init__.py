"""What the pages ask of the library, one subject to a file: codes and dates in, rows out, no words."""
