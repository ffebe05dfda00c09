# runtime/kernel/path_name.c: a part may be '..'
s/n == 2 \&\& part\[1\] != '.'/n == 2/
