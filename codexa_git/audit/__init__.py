"""Records: the stored words, canonical form, what each record holds and which file it lies in."""
