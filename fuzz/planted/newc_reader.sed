# runtime/eif/newc_reader.c: whether an archive in a gzip member stands right is asked of the wrong place
s/reader->inflating ? reader->inner : reader->place/reader->place/
