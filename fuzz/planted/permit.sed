# runtime/channel/permit.c: a longer name counts as beneath
s/return n == folder_size || path\[folder_size\] == '\/'/return n >= folder_size/
