# runtime/kernel/conf_store.c: an array counts its elements twice
s/array->last++/array->last += 2/
